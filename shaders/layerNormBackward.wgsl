// The cotangent of x of layerNorm, row by row: with n = (x - mean) * rstd and a = dy * gamma,
// dx = rstd * (a - mean(a) - n * mean(a * n)). A workgroup for each row. dx may be dy.

fn group(g: u32, lane: u32) {
  let first = g * width();
  let average = mean(g);
  let reciprocal = rstd(g);
  var sum = 0.0;
  var products = 0.0;
  for (var i = lane; i < width(); i += LANES) {
    let n = guard((x(first + i) - average) * reciprocal);
    let a = guard(dy(first + i) * gamma(i));
    sum += a;
    products = fma(a, n, products);
  }
  let meanOfA = sumOfLanes(lane, sum) / f32(width());
  let meanOfProducts = sumOfLanes(lane, products) / f32(width());
  for (var i = lane; i < width(); i += LANES) {
    let n = guard((x(first + i) - average) * reciprocal);
    let a = guard(dy(first + i) * gamma(i));
    set_dx(first + i, guard(reciprocal * fma(-n, meanOfProducts, a - meanOfA)));
  }
}
