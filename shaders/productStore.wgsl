// Results of matmul.wgsl, element by element; `finish` says what becomes of each. Included in products.

fn store(row: u32, column: u32, sums: vec4f) {
  for (var c = 0u; c < 4u; c++) {
    if (column + c < n()) { finish(row + column + c, sums[c]); }
  }
}
