// to[s, b, i, j] = the sum over block s of p of a[b, i, p] b[b, p, j], through any strides; blocks have at most `depth` terms. A workgroup of
// 256 threads takes a tile of ROWS x COLUMNS results (64 or 128 each), STEP terms at a time; a thread has 4 of every 64 rows and columns.
// Terms are added one after another, each with one rounding: the order depends on p alone, whatever the tile.
// `Terms` are four terms as they are multiplied, f32 or f16. `leftQuads`, `rightQuads` and `store` are in productLoads.wgsl and
// productStore.wgsl, or in their wide twins.

const LEFT_QUADS = ROWS / 4u;
const RIGHT_QUADS = COLUMNS / 4u;
const LEFT_PITCH = LEFT_QUADS + 1u;
const RIGHT_PITCH = RIGHT_QUADS + 1u;
const DOWN = ROWS / 64u;
const ACROSS = COLUMNS / 64u;

var<workgroup> left: array<Terms, STEP * LEFT_PITCH>;
var<workgroup> right: array<Terms, STEP * RIGHT_PITCH>;

fn group(g: u32, lane: u32) {
  let across = (n() + COLUMNS - 1u) / COLUMNS;
  let down = (m() + ROWS - 1u) / ROWS;
  let firstColumn = (g % across) * COLUMNS;
  let firstRow = ((g / across) % down) * ROWS;
  let matrix = (g / (across * down)) % batch();
  let block = g / (across * down * batch());
  let begin = block * depth();
  let end = min(begin + depth(), k());
  let threadRow = lane / 16u;
  let threadColumn = lane % 16u;

  // Which four of an operand this thread brings: their terms, and their place across.
  let leftTerms = STEP / LEFT_EACH;
  let rightTerms = STEP / RIGHT_EACH;
  let leftPart = select(vec2u(lane / LEFT_QUADS, lane % LEFT_QUADS), vec2u(lane % leftTerms, lane / leftTerms), LEFT_ALONG_K == 1u);
  let rightPart = select(vec2u(lane / RIGHT_QUADS, lane % RIGHT_QUADS), vec2u(lane % rightTerms, lane / rightTerms), RIGHT_ALONG_K == 1u);
  let bringsLeft = lane < leftTerms * LEFT_QUADS;
  let bringsRight = lane < rightTerms * RIGHT_QUADS;
  let leftRow = firstRow + 4u * leftPart.y;
  let rightColumn = firstColumn + 4u * rightPart.y;
  let leftTerm = LEFT_EACH * leftPart.x;
  let rightTerm = RIGHT_EACH * rightPart.x;
  var nextLeft: array<vec4f, LEFT_EACH>;
  var nextRight: array<vec4f, RIGHT_EACH>;
  if (bringsLeft) { nextLeft = leftQuads(matrix, leftRow, begin + leftTerm, end); }
  if (bringsRight) { nextRight = rightQuads(matrix, begin + rightTerm, rightColumn, end); }

  var sums: array<vec4f, 4u * DOWN * ACROSS>;
  for (var first = begin; first < end; first += STEP) {
    if (bringsLeft) {
      for (var e = 0u; e < LEFT_EACH; e++) { left[(leftTerm + e) * LEFT_PITCH + leftPart.y] = Terms(nextLeft[e]); }
    }
    if (bringsRight) {
      for (var e = 0u; e < RIGHT_EACH; e++) { right[(rightTerm + e) * RIGHT_PITCH + rightPart.y] = Terms(nextRight[e]); }
    }
    workgroupBarrier();
    // The next terms are on their way while these are added up.
    if (bringsLeft) { nextLeft = leftQuads(matrix, leftRow, first + STEP + leftTerm, end); }
    if (bringsRight) { nextRight = rightQuads(matrix, first + STEP + rightTerm, rightColumn, end); }
    for (var p = 0u; p < STEP; p++) {
      if (first + p >= end) { break; }
      for (var i = 0u; i < DOWN; i++) {
        let l = vec4f(left[p * LEFT_PITCH + 16u * i + threadRow]);
        for (var j = 0u; j < ACROSS; j++) {
          let r = vec4f(right[p * RIGHT_PITCH + 16u * j + threadColumn]);
          let at = 4u * (i * ACROSS + j);
          sums[at] = fma(vec4f(l.x), r, sums[at]);
          sums[at + 1u] = fma(vec4f(l.y), r, sums[at + 1u]);
          sums[at + 2u] = fma(vec4f(l.z), r, sums[at + 2u]);
          sums[at + 3u] = fma(vec4f(l.w), r, sums[at + 3u]);
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < DOWN; i++) {
    for (var j = 0u; j < ACROSS; j++) {
      for (var e = 0u; e < 4u; e++) {
        let y = firstRow + 64u * i + 4u * threadRow + e;
        if (y >= m()) { break; }
        store(((block * batch() + matrix) * m() + y) * n(), firstColumn + 64u * j + 4u * threadColumn, sums[4u * (i * ACROSS + j) + e]);
      }
    }
  }
}
