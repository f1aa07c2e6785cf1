// Terms of a product's operands a[b, i, p] and b[b, p, j], through any strides. Included in products.
// LEFT_ALONG_K, RIGHT_ALONG_K: neighbours in memory are neighbours along p; otherwise along the other axis.
// LEFT_WIDE, RIGHT_WIDE: they are read four at a time.

// Terms of four rows, or columns, that a thread brings at once.
const LEFT_EACH = 1u + 3u * LEFT_WIDE * LEFT_ALONG_K;
const RIGHT_EACH = 1u + 3u * RIGHT_WIDE * RIGHT_ALONG_K;

// Term p of four rows; zeros where there is none.
fn leftQuad(matrix: u32, row: u32, p: u32, end: u32) -> vec4f {
  var quad = vec4f();
  if (p >= end) { return quad; }
  let at = i32(matrix) * aBatch() + i32(p) * aColumn();
  for (var e = 0u; e < 4u; e++) {
    if (row + e < m()) { quad[e] = a(u32(at + i32(row + e) * aRow())); }
  }
  return quad;
}

// Term p of four columns; zeros where there is none.
fn rightQuad(matrix: u32, p: u32, column: u32, end: u32) -> vec4f {
  var quad = vec4f();
  if (p >= end) { return quad; }
  let at = i32(matrix) * bBatch() + i32(p) * bRow();
  for (var e = 0u; e < 4u; e++) {
    if (column + e < n()) { quad[e] = b(u32(at + i32(column + e) * bColumn())); }
  }
  return quad;
}
