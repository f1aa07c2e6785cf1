// Who sees whom in attention by chunks of sorted slots, and with what logit: included in the attention kernels.
// D and E are the widths of queries and values, ROUNDS the hash rounds, CHUNK the slots of a chunk, which sees BEFORE chunks before it and
// AFTER behind it; FLAGS are those below.

const CAUSAL = 1u;
const SAME_BUCKET = 2u;
const SELF_MASK = 4u;
const DUPLICATES = 8u;
const CIRCULAR = 16u;
const MASKED = 32u;
const DROPOUT = 64u;
const UNIT_KEYS = 128u;
const SAME_ROUND = 256u;
const PAIRS = 512u;

const WINDOW = BEFORE + 1u + AFTER;

fn has(flag: u32) -> bool { return (FLAGS & flag) != 0u; }

fn chunksOfRound() -> u32 { return length() / CHUNK; }

// A chunk of some round, if there is one.
struct Chunk { round: u32, index: u32, exists: bool }

// The chunk that many places further on: the rounds are separate, or one ring.
fn chunkAt(round: u32, index: u32, offset: i32) -> Chunk {
  let chunks = i32(chunksOfRound());
  if (!has(CIRCULAR)) {
    let there = i32(index) + offset;
    return Chunk(round, u32(there), there >= 0 && there < chunks);
  }
  let ring = chunks * i32(ROUNDS);
  let there = ((i32(round) * chunks + i32(index) + offset) % ring + ring) % ring;
  return Chunk(u32(there / chunks), u32(there % chunks), true);
}

// A token as queries and keys know it.
struct Token { index: u32, round: u32, bucket: i32, exists: bool }

fn tokenAt(n: u32, chunk: Chunk, slot: u32) -> Token {
  let exists = chunk.exists && slot < CHUNK;
  let at = (n * ROUNDS + chunk.round) * length();
  let index = u32(order(select(0u, at + chunk.index * CHUNK + slot, exists)));
  return Token(index, chunk.round, buckets(select(0u, at + index, exists)), exists);
}

// Of a pair: that it has no weight, the weight that its logit gives it, or that of a token with itself under a self mask.
const NONE = 0u;
const SOME = 1u;
const SELF = 2u;

fn kindOfPair(n: u32, query: Token, key: Token) -> u32 {
  if (!query.exists || !key.exists) { return NONE; }
  if (has(SELF_MASK) && query.index == key.index) { return SELF; }
  if (has(CAUSAL) && key.index > query.index) { return NONE; }
  if (has(SAME_BUCKET) && (key.round != query.round || key.bucket != query.bucket)) { return NONE; }
  if (has(MASKED) && valid(n * length() + key.index) == 0) { return NONE; }
  if (has(PAIRS) && valid((n * length() + query.index) * length() + key.index) == 0) { return NONE; }
  return SOME;
}

// How often the query sees the key around the ring of rounds, by the places of both in every round.
fn ringMeetings(n: u32, query: u32, key: u32) -> u32 {
  let chunks = i32(chunksOfRound());
  let ring = chunks * i32(ROUNDS);
  let oneRound = has(SAME_BUCKET) || has(SAME_ROUND);
  var count = 0u;
  for (var r = 0u; r < ROUNDS; r++) {
    let at = (n * ROUNDS + r) * length();
    if (has(SAME_BUCKET) && buckets(at + key) != buckets(at + query)) { continue; }
    let end = select(ROUNDS, r + 1u, oneRound);
    for (var s = select(0u, r, oneRound); s < end; s++) {
      let other = (n * ROUNDS + s) * length();
      let distance = (i32(s) - i32(r)) * chunks + inverse(other + key) / i32(CHUNK) - inverse(at + query) / i32(CHUNK);
      for (var offset = -i32(BEFORE); offset <= i32(AFTER); offset++) {
        count += select(0u, 1u, (offset - distance) % ring == 0);
      }
    }
  }
  return count;
}

// In how many rounds the query sees the key, where rounds are separate.
fn separateMeetings(n: u32, query: u32, key: u32) -> u32 {
  var count = 0u;
  for (var r = 0u; r < ROUNDS; r++) {
    let at = (n * ROUNDS + r) * length();
    let distance = inverse(at + key) / i32(CHUNK) - inverse(at + query) / i32(CHUNK);
    let near = distance >= -i32(BEFORE) && distance <= i32(AFTER);
    let alike = !has(SAME_BUCKET) || buckets(at + key) == buckets(at + query);
    count += select(0u, 1u, near && alike);
  }
  return count;
}

// The logarithm of how often the query sees the key: what every one of these times counts is divided by it.
fn repetition(n: u32, query: u32, key: u32) -> f32 {
  if (!has(DUPLICATES)) { return 0.0; }
  var count = 0u;
  if (has(CIRCULAR)) { count = ringMeetings(n, query, key); } else { count = separateMeetings(n, query, key); }
  if (has(SAME_ROUND) && count == 0u) { return logF32(1e-9); }
  if (count <= 1u) { return 0.0; }
  return logF32(f32(count));
}

fn logitOf(n: u32, query: Token, key: Token, kind: u32, product: f32) -> f32 {
  if (kind == SELF) { return selfLogit(); }
  return guard(product * scale()) - repetition(n, query.index, key.index);
}

// What a weight is multiplied by after the softmax.
fn survival(n: u32, query: Token, key: Token) -> f32 {
  if (!has(DROPOUT)) { return 1.0; }
  let rounds = threefry(dropoutKey(2u * n), dropoutKey(2u * n + 1u), query.round, key.round);
  let words = threefry(rounds.x, rounds.y, query.index, key.index);
  let probability = f32(keepBelow()) * 2.3283064365386963e-10;
  return select(0.0, 1.0 / probability, words.x < keepBelow());
}
