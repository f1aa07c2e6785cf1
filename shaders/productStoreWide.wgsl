// Results of matmul.wgsl, of which a row has a multiple of four, four at a time; `finishQuad` says what becomes of them. Included in wide products.

fn store(row: u32, column: u32, sums: vec4f) {
  if (column < n()) { finishQuad(row + column, sums); }
}
