// A tile of the keys in the window of a chunk, with their values, in shared memory: included in the kernels whose threads have queries.

var<workgroup> tileKeys: array<vec4f, TILE * D4>;
var<workgroup> tileValues: array<vec4f, TILE * E4>;
var<workgroup> tileTokens: array<Token, TILE>;

// Keys number `first` to `first + TILE - 1` of the window of a chunk; unit keys are divided by their length.
fn loadTile(n: u32, r: u32, chunk: u32, first: u32, lane: u32) {
  for (var t = lane; t < TILE; t += QUERIES) {
    let w = first + t;
    let there = chunkAt(r, chunk, i32(w / CHUNK) - i32(BEFORE));
    let token = tokenAt(n, Chunk(there.round, there.index, there.exists && w < WINDOW * CHUNK), w % CHUNK);
    tileTokens[t] = token;
    if (!token.exists) { continue; }
    let at = n * length() + token.index;
    var squares = vec4f();
    for (var c = 0u; c < D4; c++) {
      let quad = quadOfK(at, c);
      tileKeys[t * D4 + c] = quad;
      squares = fma(quad, quad, squares);
    }
    if (has(UNIT_KEYS)) {
      let unit = unitFactor(sumOf(squares));
      for (var c = 0u; c < D4; c++) { tileKeys[t * D4 + c] *= unit; }
    }
    for (var c = 0u; c < E4; c++) { tileValues[t * E4 + c] = quadOfV(at, c); }
  }
}
