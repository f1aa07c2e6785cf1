// Operands of matmul.wgsl, element by element. Included in products.

fn leftQuads(matrix: u32, row: u32, p: u32, end: u32) -> array<vec4f, LEFT_EACH> {
  var quads: array<vec4f, LEFT_EACH>;
  quads[0] = leftQuad(matrix, row, p, end);
  return quads;
}

fn rightQuads(matrix: u32, p: u32, column: u32, end: u32) -> array<vec4f, RIGHT_EACH> {
  var quads: array<vec4f, RIGHT_EACH>;
  quads[0] = rightQuad(matrix, p, column, end);
  return quads;
}
