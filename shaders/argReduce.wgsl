// The index of the largest or smallest of source[outer, length, inner]: the lowest one among equals, the first NaN before all numbers.
// OP: 0 and 1 largest and smallest f32, 2 and 3 i32, 4 and 5 u32.

fn wins(candidate: u32, best: u32) -> bool {
  switch (OP) {
    case 0u: { return orderOfF32(candidate) > orderOfF32(best); }
    // NaN comes last in the order, and first here.
    case 1u: { return orderOfF32(candidate) + 1u < orderOfF32(best) + 1u; }
    case 2u: { return bitcast<i32>(candidate) > bitcast<i32>(best); }
    case 3u: { return bitcast<i32>(candidate) < bitcast<i32>(best); }
    case 4u: { return candidate > best; }
    default: { return candidate < best; }
  }
}

fn thread(t: u32) {
  let first = (t / inner()) * length() * inner() + t % inner();
  var best = 0u;
  var word = source(first);
  for (var l = 1u; l < length(); l++) {
    let candidate = source(first + l * inner());
    if (wins(candidate, word)) {
      best = l;
      word = candidate;
    }
  }
  set_to(t, best);
}
