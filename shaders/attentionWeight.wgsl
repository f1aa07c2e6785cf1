// What the backward kernels share besides. The weight of a pair, again: exp(logit - lse). A query that sees nothing but copies of itself has lse = selfLogit + log(copies), of which an f32
// keeps few digits: the number of copies is rounded instead.
fn weightOf(logit: f32, rowLse: f32) -> f32 {
  if (has(SELF_MASK) && selfLogit() < -1000.0 && rowLse <= selfLogit() + 16.0) {
    let copies = max(round(expF32(rowLse - selfLogit())), 1.0);
    return expF32(logit - selfLogit()) / copies;
  }
  return expF32(logit - rowLse);
}

fn quadOfCotangent(row: u32, c: u32) -> vec4f {
  var quad = vec4f();
  for (var e = 0u; e < 4u; e++) { if (4u * c + e < E) { quad[e] = dOut(row * E + 4u * c + e); } }
  return quad;
}
