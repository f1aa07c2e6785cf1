// dq of one round, added to those of the rounds before it: a workgroup for each QUERIES tokens of a chunk, a thread for each query; keys come in tiles of TILE.
// With P the weights, M the dropout multiplier: dS = P (M (dOut . v) - delta), 0 for self pairs; dq += scale dS k.

fn group(g: u32, lane: u32) {
  let blocks = (CHUNK + QUERIES - 1u) / QUERIES;
  let chunks = chunksOfRound();
  let n = g / (blocks * chunks);
  let r = hashRound();
  let chunk = (g / blocks) % chunks;
  let query = tokenAt(n, Chunk(r, chunk, true), (g % blocks) * QUERIES + lane);
  let row = select((n * ROUNDS + r) * length(), n * length(), JOINT == 1u) + query.index;

  var vector: array<vec4f, D4>;
  var cotangent: array<vec4f, E4>;
  var sum: array<vec4f, D4>;
  var rowLse = 0.0;
  var rowDelta = 0.0;
  if (query.exists) {
    for (var c = 0u; c < D4; c++) { vector[c] = quadOfQ(n * length() + query.index, c); }
    for (var c = 0u; c < E4; c++) { cotangent[c] = quadOfCotangent(row, c); }
    rowLse = lse(row);
    rowDelta = delta(row);
  }

  for (var first = 0u; first < WINDOW * CHUNK; first += TILE) {
    workgroupBarrier();
    loadTile(n, r, chunk, first, lane);
    workgroupBarrier();
    for (var t = 0u; t < TILE; t++) {
      if (kindOfPair(n, query, tileTokens[t]) != SOME) { continue; }
      var product = vec4f();
      for (var c = 0u; c < D4; c++) { product = fma(vector[c], tileKeys[t * D4 + c], product); }
      let weight = weightOf(logitOf(n, query, tileTokens[t], SOME, sumOf(product)), rowLse);
      var dWeight = vec4f();
      for (var c = 0u; c < E4; c++) { dWeight = fma(cotangent[c], tileValues[t * E4 + c], dWeight); }
      let dLogit = weight * (sumOf(dWeight) * survival(n, query, tileTokens[t]) - rowDelta);
      let factor = vec4f(scale() * dLogit);
      for (var c = 0u; c < D4; c++) { sum[c] = fma(factor, tileKeys[t * D4 + c], sum[c]); }
    }
  }

  if (!query.exists) { return; }
  for (var c = 0u; c < D4; c++) {
    for (var e = 0u; e < 4u; e++) {
      let at = (n * length() + query.index) * D + 4u * c + e;
      if (4u * c + e >= D) { break; }
      var total = sum[c][e];
      if (hashRound() > 0u) { total += dq(at); }
      set_dq(at, total);
    }
  }
}
