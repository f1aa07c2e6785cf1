// Buckets of x[N, L, D] by random rotations[Nr, D, R, H] (paper, section 2): for each factor of the number of buckets, of size b, the largest of
// [y; -y] for its b / 2 columns of y = x . rotations; the lowest index wins ties, NaN never does. The buckets of the factors are the
// digits of the result, to[N, R, L]. A thread for each token and round.

fn thread(t: u32) {
  let token = t % length();
  let round = (t / length()) % rounds();
  let n = t / (length() * rounds());
  var row: array<f32, D>;
  for (var q = 0u; q < D; q++) { row[q] = x((n * length() + token) * D + q); }
  let stride = rounds() * columns();
  var bucket = 0u;
  var place = 1u;
  var column = round * columns() + (n % groups()) * D * stride;
  for (var f = 0u; f < factors(); f++) {
    let size = u32(rest(f));
    let half = size / 2u;
    var largest = -1.0;
    var digit = 0u;
    for (var c = 0u; c < half; c++) {
      var y = 0.0;
      for (var q = 0u; q < D; q++) { y = fma(row[q], rotations(column + c + q * stride), y); }
      let magnitude = abs(y);
      let candidate = select(c, c + half, y < 0.0);
      if (magnitude > largest || (magnitude == largest && candidate < digit)) {
        largest = magnitude;
        digit = candidate;
      }
    }
    bucket += place * digit;
    place *= size;
    column += half;
  }
  set_to(t, bucket);
}
