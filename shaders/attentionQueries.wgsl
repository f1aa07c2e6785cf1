// dq of one round: a workgroup for each QUERIES tokens of a chunk, a thread for each query; keys come in tiles of TILE.
// With P the weights, M the dropout multiplier: dS = P (M (dOut . v) - delta), 0 for self pairs; dq += scale dS k.

var<workgroup> tileKeys: array<f32, TILE * D>;
var<workgroup> tileValues: array<f32, TILE * E>;
var<workgroup> tileTokens: array<Token, TILE>;

fn group(g: u32, lane: u32) {
  let blocks = (CHUNK + QUERIES - 1u) / QUERIES;
  let chunks = chunksOfRound();
  let n = g / (blocks * chunks);
  let r = hashRound();
  let chunk = (g / blocks) % chunks;
  let query = tokenAt(n, Chunk(r, chunk, true), (g % blocks) * QUERIES + lane);
  let row = select((n * ROUNDS + r) * length(), n * length(), JOINT == 1u) + query.index;

  var vector: array<f32, D>;
  var cotangent: array<f32, E>;
  var sum: array<f32, D>;
  var rowLse = 0.0;
  var rowDelta = 0.0;
  if (query.exists) {
    for (var c = 0u; c < D; c++) { vector[c] = q((n * length() + query.index) * D + c); }
    for (var c = 0u; c < E; c++) { cotangent[c] = dOut(row * E + c); }
    rowLse = lse(row);
    rowDelta = delta(row);
  }

  for (var first = 0u; first < WINDOW * CHUNK; first += TILE) {
    workgroupBarrier();
    loadTile(n, r, chunk, first, lane);
    workgroupBarrier();
    for (var t = 0u; t < TILE; t++) {
      if (kindOfPair(n, query, tileTokens[t]) != SOME) { continue; }
      var product = 0.0;
      for (var c = 0u; c < D; c++) { product = fma(vector[c], tileKeys[t * D + c], product); }
      let weight = weightOf(logitOf(n, query, tileTokens[t], SOME, product), rowLse);
      var dWeight = 0.0;
      for (var c = 0u; c < E; c++) { dWeight = fma(cotangent[c], tileValues[t * E + c], dWeight); }
      let dLogit = weight * (dWeight * survival(n, query, tileTokens[t]) - rowDelta);
      let factor = scale() * dLogit;
      for (var c = 0u; c < D; c++) { sum[c] = fma(factor, tileKeys[t * D + c], sum[c]); }
    }
  }

  if (!query.exists) { return; }
  for (var c = 0u; c < D; c++) {
    let at = (n * length() + query.index) * D + c;
    set_dq(at, dq(at) + sum[c]);
  }
}

fn loadTile(n: u32, r: u32, chunk: u32, first: u32, lane: u32) {
  for (var t = lane; t < TILE; t += QUERIES) {
    let w = first + t;
    let there = chunkAt(r, chunk, i32(w / CHUNK) - i32(BEFORE));
    let token = tokenAt(n, Chunk(there.round, there.index, there.exists && w < WINDOW * CHUNK), w % CHUNK);
    tileTokens[t] = token;
    if (!token.exists) { continue; }
    let at = n * length() + token.index;
    var squares = 0.0;
    for (var c = 0u; c < D; c++) {
      let element = k(at * D + c);
      tileKeys[t * D + c] = element;
      squares = fma(element, element, squares);
    }
    if (has(UNIT_KEYS)) {
      let unit = unitFactor(squares);
      for (var c = 0u; c < D; c++) { tileKeys[t * D + c] = guard(tileKeys[t * D + c] * unit); }
    }
    for (var c = 0u; c < E; c++) { tileValues[t * E + c] = v(at * E + c); }
  }
}
