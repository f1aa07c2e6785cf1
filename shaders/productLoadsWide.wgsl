// Operands of matmul.wgsl, four neighbours in memory at once where LEFT_WIDE and RIGHT_WIDE say that they lie so. Included in wide products.

fn leftQuads(matrix: u32, row: u32, p: u32, end: u32) -> array<vec4f, LEFT_EACH> {
  var quads: array<vec4f, LEFT_EACH>;
  let at = i32(matrix) * aBatch() + i32(row) * aRow() + i32(p) * aColumn();
  if (LEFT_WIDE == 0u) {
    quads[0] = leftQuad(matrix, row, p, end);
  } else if (LEFT_ALONG_K == 0u) {
    // Four rows, of which there are a multiple of four.
    if (p < end && row < m()) { quads[0] = a_quad(u32(at)); }
  } else {
    // Four terms, of which there are a multiple of four, of four rows; turned.
    var rows: array<vec4f, 4>;
    for (var e = 0u; e < 4u; e++) {
      if (p < end && row + e < m()) { rows[e] = a_quad(u32(at + i32(e) * aRow())); }
    }
    for (var e = 0u; e < LEFT_EACH; e++) { quads[e] = vec4f(rows[0][e], rows[1][e], rows[2][e], rows[3][e]); }
  }
  return quads;
}

fn rightQuads(matrix: u32, p: u32, column: u32, end: u32) -> array<vec4f, RIGHT_EACH> {
  var quads: array<vec4f, RIGHT_EACH>;
  let at = i32(matrix) * bBatch() + i32(p) * bRow() + i32(column) * bColumn();
  if (RIGHT_WIDE == 0u) {
    quads[0] = rightQuad(matrix, p, column, end);
  } else if (RIGHT_ALONG_K == 0u) {
    if (p < end && column < n()) { quads[0] = b_quad(u32(at)); }
  } else {
    var columns: array<vec4f, 4>;
    for (var e = 0u; e < 4u; e++) {
      if (p < end && column + e < n()) { columns[e] = b_quad(u32(at + i32(e) * bColumn())); }
    }
    for (var e = 0u; e < RIGHT_EACH; e++) { quads[e] = vec4f(columns[0][e], columns[1][e], columns[2][e], columns[3][e]); }
  }
  return quads;
}
