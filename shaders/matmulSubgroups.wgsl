// As matmul.wgsl, by the matrices that a subgroup multiplies together: terms are rounded to f16 and added up in f32, in an order that is the
// machine's and the same for all results. A matrix has ROWS / 4 x COLUMNS / 4 results of STEP / 2 terms; a workgroup is 2 x 2 subgroups of SUBGROUP
// threads, each with 2 x 2 matrices.

const FM = ROWS / 4u;
const FN = COLUMNS / 4u;
const FK = STEP / 2u;
const LEFT_PITCH = STEP + 8u;
const RIGHT_PITCH = COLUMNS + 8u;
const THREADS = 4u * SUBGROUP;

alias Left = subgroup_matrix_left<f16, FK, FM>;
alias Right = subgroup_matrix_right<f16, FN, FK>;
alias Sums = subgroup_matrix_result<f32, FN, FM>;

var<workgroup> left: array<f16, ROWS * LEFT_PITCH>;
var<workgroup> right: array<f16, STEP * RIGHT_PITCH>;
var<workgroup> tile: array<f32, ROWS * COLUMNS>;

fn group(g: u32, lane: u32, subgroup: u32) {
  let across = (n() + COLUMNS - 1u) / COLUMNS;
  let down = (m() + ROWS - 1u) / ROWS;
  let firstColumn = (g % across) * COLUMNS;
  let firstRow = ((g / across) % down) * ROWS;
  let matrix = (g / (across * down)) % batch();
  let block = g / (across * down * batch());
  let begin = block * depth();
  let end = min(begin + depth(), k());
  let row = 2u * FM * (subgroup / 2u);
  let column = 2u * FN * (subgroup % 2u);

  var sums00 = Sums();
  var sums01 = Sums();
  var sums10 = Sums();
  var sums11 = Sums();
  for (var first = begin; first < end; first += STEP) {
    bringLeft(lane, matrix, firstRow, first, end);
    bringRight(lane, matrix, first, firstColumn, end);
    workgroupBarrier();
    for (var p = 0u; p < STEP; p += FK) {
      let left0 = subgroupMatrixLoad<Left, row_major>(&left, row * LEFT_PITCH + p, LEFT_PITCH);
      let left1 = subgroupMatrixLoad<Left, row_major>(&left, (row + FM) * LEFT_PITCH + p, LEFT_PITCH);
      let right0 = subgroupMatrixLoad<Right, row_major>(&right, p * RIGHT_PITCH + column, RIGHT_PITCH);
      let right1 = subgroupMatrixLoad<Right, row_major>(&right, p * RIGHT_PITCH + column + FN, RIGHT_PITCH);
      sums00 = subgroupMatrixMultiplyAccumulate(left0, right0, sums00);
      sums01 = subgroupMatrixMultiplyAccumulate(left0, right1, sums01);
      sums10 = subgroupMatrixMultiplyAccumulate(left1, right0, sums10);
      sums11 = subgroupMatrixMultiplyAccumulate(left1, right1, sums11);
    }
    workgroupBarrier();
  }
  let at = row * COLUMNS + column;
  subgroupMatrixStore<row_major>(&tile, at, sums00, COLUMNS);
  subgroupMatrixStore<row_major>(&tile, at + FN, sums01, COLUMNS);
  subgroupMatrixStore<row_major>(&tile, at + FM * COLUMNS, sums10, COLUMNS);
  subgroupMatrixStore<row_major>(&tile, at + FM * COLUMNS + FN, sums11, COLUMNS);
  workgroupBarrier();

  for (var q = lane; q < ROWS * FN; q += THREADS) {
    let y = q / FN;
    let x = 4u * (q % FN);
    let first = y * COLUMNS + x;
    if (firstRow + y < m()) {
      let four = vec4f(tile[first], tile[first + 1u], tile[first + 2u], tile[first + 3u]);
      store(((block * batch() + matrix) * m() + firstRow + y) * n(), firstColumn + x, four);
    }
  }
}

// The next STEP terms of all rows; zeros where there are none.
fn bringLeft(lane: u32, matrix: u32, firstRow: u32, first: u32, end: u32) {
  let terms = STEP / LEFT_EACH;
  for (var q = lane; q < terms * FM; q += THREADS) {
    let part = select(vec2u(q / FM, q % FM), vec2u(q % terms, q / terms), LEFT_ALONG_K == 1u);
    let p = LEFT_EACH * part.x;
    let quads = leftQuads(matrix, firstRow + 4u * part.y, first + p, end);
    for (var e = 0u; e < LEFT_EACH; e++) {
      for (var r = 0u; r < 4u; r++) { left[(4u * part.y + r) * LEFT_PITCH + p + e] = f16(quads[e][r]); }
    }
  }
}

// The next STEP terms of all columns; zeros where there are none.
fn bringRight(lane: u32, matrix: u32, first: u32, firstColumn: u32, end: u32) {
  let terms = STEP / RIGHT_EACH;
  for (var q = lane; q < terms * FN; q += THREADS) {
    let part = select(vec2u(q / FN, q % FN), vec2u(q % terms, q / terms), RIGHT_ALONG_K == 1u);
    let p = RIGHT_EACH * part.x;
    let quads = rightQuads(matrix, first + p, firstColumn + 4u * part.y, end);
    for (var e = 0u; e < RIGHT_EACH; e++) {
      for (var c = 0u; c < 4u; c++) { right[(p + e) * RIGHT_PITCH + 4u * part.y + c] = f16(quads[e][c]); }
    }
  }
}
