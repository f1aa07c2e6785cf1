// Inclusive sums along the middle axis of source[outer, length, inner], from either end, one after another from zero. `to` may be `source`.

fn thread(t: u32) {
  let first = (t / inner()) * length() * inner() + t % inner();
  var sum = 0u;
  for (var k = 0u; k < length(); k++) {
    let l = select(k, length() - 1u - k, reverse() != 0u);
    let at = first + l * inner();
    let word = source(at);
    sum = select(sum + word, bitcast<u32>(guard(bitcast<f32>(sum) + bitcast<f32>(word))), isFloat() != 0u);
    set_to(at, sum);
  }
}
