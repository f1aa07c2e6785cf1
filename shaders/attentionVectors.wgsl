// Vectors of D and E elements as quads, the last one filled up with zeros: included in the attention kernels.
// Products are added up in four lanes, which are added at the end.

const D4 = (D + 3u) / 4u;
const E4 = (E + 3u) / 4u;

fn sumOf(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }

// Elements 4 c to 4 c + 3 of row `at` of an operand with rows of that many elements.
fn quadOfQ(at: u32, c: u32) -> vec4f {
  var quad = vec4f();
  for (var e = 0u; e < 4u; e++) { if (4u * c + e < D) { quad[e] = q(at * D + 4u * c + e); } }
  return quad;
}

fn quadOfK(at: u32, c: u32) -> vec4f {
  var quad = vec4f();
  for (var e = 0u; e < 4u; e++) { if (4u * c + e < D) { quad[e] = k(at * D + 4u * c + e); } }
  return quad;
}

fn quadOfV(at: u32, c: u32) -> vec4f {
  var quad = vec4f();
  for (var e = 0u; e < 4u; e++) { if (4u * c + e < E) { quad[e] = v(at * E + 4u * c + e); } }
  return quad;
}

// 1 over the length of a key with these squares; `unitEpsilon` stands beside their mean.
fn unitFactor(squares: f32) -> f32 {
  return 1.0 / (sqrt(squares / f32(D) + unitEpsilon()) * sqrt(f32(D)));
}
