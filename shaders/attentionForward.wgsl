// Attention of the tokens of one chunk, a workgroup for each QUERIES of them, a thread for each query; keys come in tiles of TILE. With JOINT one
// softmax runs over the keys of all rounds, which are called one after another: between them `out` holds the unnormalised result,
// `lse` the largest logit and `sums` the sum of exponentials. Otherwise every round has a softmax and a result of its own.

fn group(g: u32, lane: u32) {
  let blocks = (CHUNK + QUERIES - 1u) / QUERIES;
  let chunks = chunksOfRound();
  let outer = g / (blocks * chunks);
  let n = select(outer / ROUNDS, outer, JOINT == 1u);
  let r = select(outer % ROUNDS, hashRound(), JOINT == 1u);
  let chunk = (g / blocks) % chunks;
  let query = tokenAt(n, Chunk(r, chunk, true), (g % blocks) * QUERIES + lane);
  let row = select((n * ROUNDS + r) * length(), n * length(), JOINT == 1u) + query.index;

  var vector: array<vec4f, D4>;
  var sum: array<vec4f, E4>;
  var largest = -1e30;
  var total = 0.0;
  if (query.exists) {
    for (var c = 0u; c < D4; c++) { vector[c] = quadOfQ(n * length() + query.index, c); }
    if (JOINT == 1u && r > 0u) {
      largest = lse(row);
      total = sums(row);
      for (var c = 0u; c < E4; c++) { sum[c] = quadOfOut(row, c); }
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
      var product = vec4f();
      if (kind == SOME) {
        for (var c = 0u; c < D4; c++) { product = fma(vector[c], tileKeys[t * D4 + c], product); }
      }
      let logit = logitOf(n, query, tileTokens[t], kind, sumOf(product));
      logits[t] = logit;
      top = maximum(top, logit);
    }
    if (top > largest || isNan(top)) {
      let factor = expF32(largest - top);
      total *= factor;
      for (var c = 0u; c < E4; c++) { sum[c] *= factor; }
      largest = top;
    }
    for (var t = 0u; t < TILE; t++) {
      if (kinds[t] == NONE) { continue; }
      let weight = expF32(logits[t] - largest);
      total += weight;
      let kept = weight * survival(n, query, tileTokens[t]);
      for (var c = 0u; c < E4; c++) { sum[c] = fma(vec4f(kept), tileValues[t * E4 + c], sum[c]); }
    }
  }

  if (!query.exists) { return; }
  if (JOINT == 1u && r + 1u < ROUNDS) {
    set_lse(row, largest);
    set_sums(row, total);
    for (var c = 0u; c < E4; c++) { setQuadOfOut(row, c, sum[c]); }
    return;
  }
  let empty = total == 0.0;
  let reciprocal = select(1.0 / total, 0.0, empty);
  for (var c = 0u; c < E4; c++) { setQuadOfOut(row, c, select(sum[c] * reciprocal, vec4f(), empty)); }
  set_lse(row, select(largest + logF32(total), -1e30, empty));
}

fn quadOfOut(row: u32, c: u32) -> vec4f {
  var quad = vec4f();
  for (var e = 0u; e < 4u; e++) { if (4u * c + e < E) { quad[e] = out(row * E + 4u * c + e); } }
  return quad;
}

fn setQuadOfOut(row: u32, c: u32, quad: vec4f) {
  for (var e = 0u; e < 4u; e++) { if (4u * c + e < E) { set_out(row * E + 4u * c + e, quad[e]); } }
}
