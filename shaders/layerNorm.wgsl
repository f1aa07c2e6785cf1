// y = (x - mean) * rstd * gamma + beta of each row of x[rows, width], rstd = 1 / sqrt(variance + epsilon); the variance is biased, and
// computed from the differences to the mean. A workgroup for each row.

fn group(g: u32, lane: u32) {
  let first = g * width();
  var sum = 0.0;
  for (var i = lane; i < width(); i += LANES) { sum += x(first + i); }
  let average = sumOfLanes(lane, sum) / f32(width());
  var squares = 0.0;
  for (var i = lane; i < width(); i += LANES) {
    let difference = x(first + i) - average;
    squares = fma(difference, difference, squares);
  }
  let variance = sumOfLanes(lane, squares) / f32(width());
  let reciprocal = 1.0 / sqrt(variance + epsilon());
  for (var i = lane; i < width(); i += LANES) {
    set_y(first + i, fma(guard((x(first + i) - average) * reciprocal), gamma(i), beta(i)));
  }
  if (lane == 0u) {
    set_mean(g, average);
    set_rstd(g, reciprocal);
  }
}
