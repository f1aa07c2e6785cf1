// dk and dv of the keys of one round: a workgroup for each QUERIES tokens of a chunk, a thread for each key; the queries that may see it come in
// tiles of TILE. A token is in one chunk of a round, so that nobody else adds to its rows. With P the weights, M the dropout multiplier:
// dv += M P dOut, dS = P (M (dOut . v) - delta), 0 for self pairs, dk += scale dS q; through the division by the key's length where keys
// are unit vectors: with u = 1 / length and x = u sum(scale dS q), dk += x - u^2 (x . k) k.

var<workgroup> tileQueries: array<f32, TILE * D>;
var<workgroup> tileCotangents: array<f32, TILE * E>;
var<workgroup> tileTokens: array<Token, TILE>;
var<workgroup> tileLse: array<f32, TILE>;
var<workgroup> tileDelta: array<f32, TILE>;

fn group(g: u32, lane: u32) {
  let blocks = (CHUNK + QUERIES - 1u) / QUERIES;
  let chunks = chunksOfRound();
  let n = g / (blocks * chunks);
  let r = hashRound();
  let chunk = (g / blocks) % chunks;
  let key = tokenAt(n, Chunk(r, chunk, true), (g % blocks) * QUERIES + lane);
  let at = n * length() + key.index;

  var vector: array<f32, D>;
  var value: array<f32, E>;
  var sumOfKey: array<f32, D>;
  var sumOfValue: array<f32, E>;
  var unit = 1.0;
  if (key.exists) {
    var squares = 0.0;
    for (var c = 0u; c < D; c++) {
      vector[c] = k(at * D + c);
      squares = fma(vector[c], vector[c], squares);
    }
    if (has(UNIT_KEYS)) { unit = unitFactor(squares); }
    for (var c = 0u; c < E; c++) { value[c] = v(at * E + c); }
  }

  for (var first = 0u; first < WINDOW * CHUNK; first += TILE) {
    workgroupBarrier();
    loadTile(n, r, chunk, first, lane);
    workgroupBarrier();
    for (var t = 0u; t < TILE; t++) {
      let query = tileTokens[t];
      let kind = kindOfPair(n, query, key);
      if (kind == NONE) { continue; }
      var product = 0.0;
      if (kind == SOME) {
        for (var c = 0u; c < D; c++) { product = fma(tileQueries[t * D + c], guard(vector[c] * unit), product); }
      }
      let weight = weightOf(logitOf(n, query, key, kind, product), tileLse[t]);
      let multiplier = survival(n, query, key);
      let kept = multiplier * weight;
      var dWeight = 0.0;
      for (var c = 0u; c < E; c++) {
        let cotangent = tileCotangents[t * E + c];
        sumOfValue[c] = fma(kept, cotangent, sumOfValue[c]);
        dWeight = fma(cotangent, value[c], dWeight);
      }
      if (kind == SELF) { continue; }
      let factor = scale() * (weight * (dWeight * multiplier - tileDelta[t]));
      for (var c = 0u; c < D; c++) { sumOfKey[c] = fma(factor, tileQueries[t * D + c], sumOfKey[c]); }
    }
  }

  if (!key.exists) { return; }
  for (var c = 0u; c < E; c++) { set_dv(at * E + c, dv(at * E + c) + sumOfValue[c]); }
  var along = 0.0;
  if (has(UNIT_KEYS)) {
    for (var c = 0u; c < D; c++) {
      sumOfKey[c] *= unit;
      along = fma(sumOfKey[c], vector[c], along);
    }
  }
  let share = unit * unit * along;
  for (var c = 0u; c < D; c++) { set_dk(at * D + c, dk(at * D + c) + fma(-share, vector[c], sumOfKey[c])); }
}

// Query chunks from AFTER before the keys' to BEFORE behind it: those in whose windows the keys lie.
fn loadTile(n: u32, r: u32, chunk: u32, first: u32, lane: u32) {
  for (var t = lane; t < TILE; t += QUERIES) {
    let w = first + t;
    let there = chunkAt(r, chunk, i32(w / CHUNK) - i32(AFTER));
    let token = tokenAt(n, Chunk(there.round, there.index, there.exists && w < WINDOW * CHUNK), w % CHUNK);
    tileTokens[t] = token;
    if (!token.exists) { continue; }
    for (var c = 0u; c < D; c++) { tileQueries[t * D + c] = q((n * length() + token.index) * D + c); }
    let row = select((n * ROUNDS + there.round) * length(), n * length(), JOINT == 1u) + token.index;
    for (var c = 0u; c < E; c++) { tileCotangents[t * E + c] = dOut(row * E + c); }
    tileLse[t] = lse(row);
    tileDelta[t] = delta(row);
  }
}
