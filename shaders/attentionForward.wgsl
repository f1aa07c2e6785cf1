// Attention of the tokens of one chunk, a workgroup for each QUERIES of them, a thread for each query; keys come in tiles of TILE. With JOINT one
// softmax runs over the keys of all rounds, which are called one after another: between them `out` holds the unnormalised result,
// `lse` the largest logit and `sums` the sum of exponentials. Otherwise every round has a softmax and a result of its own.

var<workgroup> tileKeys: array<f32, TILE * D>;
var<workgroup> tileValues: array<f32, TILE * E>;
var<workgroup> tileTokens: array<Token, TILE>;

fn group(g: u32, lane: u32) {
  let blocks = (CHUNK + QUERIES - 1u) / QUERIES;
  let chunks = chunksOfRound();
  let outer = g / (blocks * chunks);
  let n = select(outer / ROUNDS, outer, JOINT == 1u);
  let r = select(outer % ROUNDS, hashRound(), JOINT == 1u);
  let chunk = (g / blocks) % chunks;
  let query = tokenAt(n, Chunk(r, chunk, true), (g % blocks) * QUERIES + lane);
  let row = select((n * ROUNDS + r) * length(), n * length(), JOINT == 1u) + query.index;

  var vector: array<f32, D>;
  var sum: array<f32, E>;
  var largest = -1e30;
  var total = 0.0;
  if (query.exists) {
    for (var c = 0u; c < D; c++) { vector[c] = q((n * length() + query.index) * D + c); }
    if (JOINT == 1u && r > 0u) {
      largest = lse(row);
      total = sums(row);
      for (var c = 0u; c < E; c++) { sum[c] = out(row * E + c); }
    }
  }

  for (var first = 0u; first < WINDOW * CHUNK; first += TILE) {
    workgroupBarrier();
    loadTile(n, r, chunk, first, lane);
    workgroupBarrier();
    var logits: array<f32, TILE>;
    var kinds: array<u32, TILE>;
    var top = largest;
    for (var t = 0u; t < TILE; t++) {
      let kind = kindOfPair(n, query, tileTokens[t]);
      kinds[t] = kind;
      if (kind == NONE) { continue; }
      var product = 0.0;
      if (kind == SOME) {
        for (var c = 0u; c < D; c++) { product = fma(vector[c], tileKeys[t * D + c], product); }
      }
      let logit = logitOf(n, query, tileTokens[t], kind, product);
      logits[t] = logit;
      top = maximum(top, logit);
    }
    if (top > largest || isNan(top)) {
      let factor = expF32(largest - top);
      total *= factor;
      for (var c = 0u; c < E; c++) { sum[c] *= factor; }
      largest = top;
    }
    for (var t = 0u; t < TILE; t++) {
      if (kinds[t] == NONE) { continue; }
      let weight = expF32(logits[t] - largest);
      total += weight;
      let kept = weight * survival(n, query, tileTokens[t]);
      for (var c = 0u; c < E; c++) { sum[c] = fma(kept, tileValues[t * E + c], sum[c]); }
    }
  }

  if (!query.exists) { return; }
  if (JOINT == 1u && r + 1u < ROUNDS) {
    set_lse(row, largest);
    set_sums(row, total);
    for (var c = 0u; c < E; c++) { set_out(row * E + c, sum[c]); }
    return;
  }
  let empty = total == 0.0;
  let reciprocal = select(1.0 / total, 0.0, empty);
  for (var c = 0u; c < E; c++) { set_out(row * E + c, select(sum[c] * reciprocal, 0.0, empty)); }
  set_lse(row, select(largest + logF32(total), -1e30, empty));
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
