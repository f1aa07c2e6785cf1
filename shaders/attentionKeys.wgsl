// dk and dv of the keys of one round, added to those of the rounds before it: a workgroup for each QUERIES tokens of a chunk, a thread for each key; the queries that may see it come in
// tiles of TILE. A token is in one chunk of a round, so that nobody else adds to its rows. With P the weights, M the dropout multiplier:
// dv += M P dOut, dS = P (M (dOut . v) - delta), 0 for self pairs, dk += scale dS q; through the division by the key's length where keys
// are unit vectors: with u = 1 / length and x = u sum(scale dS q), dk += x - u^2 (x . k) k.

var<workgroup> tileQueries: array<vec4f, TILE * D4>;
var<workgroup> tileCotangents: array<vec4f, TILE * E4>;
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

  var vector: array<vec4f, D4>;
  var value: array<vec4f, E4>;
  var sumOfKey: array<vec4f, D4>;
  var sumOfValue: array<vec4f, E4>;
  var unit = 1.0;
  if (key.exists) {
    var squares = vec4f();
    for (var c = 0u; c < D4; c++) {
      vector[c] = quadOfK(at, c);
      squares = fma(vector[c], vector[c], squares);
    }
    if (has(UNIT_KEYS)) { unit = unitFactor(sumOf(squares)); }
    for (var c = 0u; c < E4; c++) { value[c] = quadOfV(at, c); }
  }

  for (var first = 0u; first < WINDOW * CHUNK; first += TILE) {
    workgroupBarrier();
    loadTile(n, r, chunk, first, lane);
    workgroupBarrier();
    for (var t = 0u; t < TILE; t++) {
      let query = tileTokens[t];
      let kind = kindOfPair(n, query, key);
      if (kind == NONE) { continue; }
      var product = vec4f();
      if (kind == SOME) {
        for (var c = 0u; c < D4; c++) { product = fma(tileQueries[t * D4 + c], vector[c] * unit, product); }
      }
      let weight = weightOf(logitOf(n, query, key, kind, sumOf(product)), tileLse[t]);
      let multiplier = survival(n, query, key);
      let kept = multiplier * weight;
      var dWeight = vec4f();
      for (var c = 0u; c < E4; c++) {
        let cotangent = tileCotangents[t * E4 + c];
        sumOfValue[c] = fma(vec4f(kept), cotangent, sumOfValue[c]);
        dWeight = fma(cotangent, value[c], dWeight);
      }
      if (kind == SELF) { continue; }
      let factor = vec4f(scale() * (weight * (sumOf(dWeight) * multiplier - tileDelta[t])));
      for (var c = 0u; c < D4; c++) { sumOfKey[c] = fma(factor, tileQueries[t * D4 + c], sumOfKey[c]); }
    }
  }

  if (!key.exists) { return; }
  for (var c = 0u; c < E4; c++) {
    for (var e = 0u; e < 4u; e++) {
      let place = at * E + 4u * c + e;
      if (4u * c + e >= E) { break; }
      var total = sumOfValue[c][e];
      if (hashRound() > 0u) { total += dv(place); }
      set_dv(place, total);
    }
  }
  var along = vec4f();
  if (has(UNIT_KEYS)) {
    for (var c = 0u; c < D4; c++) {
      sumOfKey[c] *= unit;
      along = fma(sumOfKey[c], vector[c], along);
    }
  }
  let share = vec4f(unit * unit * sumOf(along));
  for (var c = 0u; c < D4; c++) {
    let quad = fma(-share, vector[c], sumOfKey[c]);
    for (var e = 0u; e < 4u; e++) {
      let place = at * D + 4u * c + e;
      if (4u * c + e >= D) { break; }
      var total = quad[e];
      // Where keys are queries, dq lies there already.
      if (hashRound() > 0u || has(UNIT_KEYS)) { total += dk(place); }
      set_dk(place, total);
    }
  }
}

// Query chunks from AFTER before the keys' to BEFORE behind it: those in whose windows the keys lie.
fn loadTile(n: u32, r: u32, chunk: u32, first: u32, lane: u32) {
  for (var t = lane; t < TILE; t += QUERIES) {
    let w = first + t;
    let there = chunkAt(r, chunk, i32(w / CHUNK) - i32(AFTER));
    let token = tokenAt(n, Chunk(there.round, there.index, there.exists && w < WINDOW * CHUNK), w % CHUNK);
    tileTokens[t] = token;
    if (!token.exists) { continue; }
    for (var c = 0u; c < D4; c++) { tileQueries[t * D4 + c] = quadOfQ(n * length() + token.index, c); }
    let row = select((n * ROUNDS + there.round) * length(), n * length(), JOINT == 1u) + token.index;
    for (var c = 0u; c < E4; c++) { tileCotangents[t * E4 + c] = quadOfCotangent(row, c); }
    tileLse[t] = lse(row);
    tileDelta[t] = delta(row);
  }
}
