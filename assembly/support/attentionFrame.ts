/**
 * What one share of an attention kernel works on: a block of queries of one chunk against a block of the keys in its
 * window. The frame lies at the start of the share's workspace, the arrays that it points to behind it.
 * `src/backends/wasm/calls/attention-workspace.ts` knows the sizes.
 */
import { frameWords } from "../generated/constants";
import { at } from "./words";

/** The argument words that all attention kernels begin with. */
@unmanaged
export class AttentionBuffers {
  q: usize;
  k: usize;
  v: usize;
  order: usize;
  inverse: usize;
  buckets: usize;
  valid: usize;
  dropoutKey: usize;
}

/** The immediates of all attention kernels; chunkedAttention has those up to `keep`, jointAttention those up to `round`. */
@unmanaged
export class AttentionImmediates {
  groups: i32;
  length: i32;
  rounds: i32;
  d: i32;
  e: i32;
  m: i32;
  before: i32;
  after: i32;
  flags: i32;
  scale: f32;
  self: f32;
  keep: u32;
  /** Added to the mean square of a key, if keys are taken at unit length. */
  unit: f32;
  /** The round to work on. */
  round: i32;
  /** Which chunks of the round; see attentionColours.ts. */
  colour: i32;
}

@unmanaged
export class AttentionFrame {
  buffers: AttentionBuffers;
  sizes: AttentionImmediates;
  group: i32;
  round: i32;
  chunk: i32;
  /** Queries of the block and their number rounded up to 8; those added repeat the last one. */
  queries: i32;
  paddedQueries: i32;
  /** Keys of the block and their number rounded up to 4; those added are excluded. */
  keys: i32;
  paddedKeys: i32;
  /** Room for queries and keys: the strides of the arrays by round. */
  queryRoom: i32;
  keyRoom: i32;
  queryTokens: usize;
  queryBuckets: usize;
  /** Chunk and bucket of each query in every round, for `duplicates`: [round][query]. */
  queryChunks: usize;
  queryRoundBuckets: usize;
  /** Rows of the key arrays; those of added keys are the last one's. */
  keyRows: usize;
  /** Token, or -1 for added keys. */
  keyTokens: usize;
  /** A key is excluded for query tokens below its limit. */
  keyLimits: usize;
  keyBuckets: usize;
  /** 1 / the length of each key, with unit keys only, and what a dot product with it is multiplied by to give the logit. */
  keyUnits: usize;
  keyFactors: usize;
  /** Key of the dropout of the pair of rounds. */
  keyDropout0: usize;
  keyDropout1: usize;
  keyChunks: usize;
  keyRoundBuckets: usize;
  lowestKey: i32;
  highestQuery: i32;
  /** Keys that any of the eight queries of a tile may see lie in [firstKey, endKey), whole panels of four. */
  firstKey: i32;
  endKey: i32;
}

/** Words of the arrays of indices behind the frame; twin of indexWords in src/backends/wasm/calls/attention-workspace.ts. */
export function indexWords(sizes: AttentionImmediates, queries: i32, keys: i32): i32 {
  return queries * (2 + 2 * sizes.rounds) + keys * (8 + 2 * sizes.rounds);
}

/** Room for the queries, and for the keys, of a block of at most `most`. */
export function queryRoom(sizes: AttentionImmediates, most: i32): i32 {
  return (min(sizes.m, most) + 7) & ~7;
}

export function keyRoom(sizes: AttentionImmediates, most: i32): i32 {
  return (min((sizes.before + 1 + sizes.after) * sizes.m, most) + 7) & ~7;
}

/** Divides the words behind the frame, with room for so many queries and keys; returns the address behind the index arrays. */
export function layOutFrame(frame: AttentionFrame, queries: i32, keys: i32): usize {
  const sizes = frame.sizes;
  frame.queryRoom = queries;
  frame.keyRoom = keys;
  frame.queryTokens = at(changetype<usize>(frame), frameWords);
  frame.queryBuckets = at(frame.queryTokens, queries);
  frame.queryChunks = at(frame.queryBuckets, queries);
  frame.queryRoundBuckets = at(frame.queryChunks, sizes.rounds * queries);
  frame.keyRows = at(frame.queryRoundBuckets, sizes.rounds * queries);
  frame.keyTokens = at(frame.keyRows, keys);
  frame.keyLimits = at(frame.keyTokens, keys);
  frame.keyBuckets = at(frame.keyLimits, keys);
  frame.keyUnits = at(frame.keyBuckets, keys);
  frame.keyFactors = at(frame.keyUnits, keys);
  frame.keyDropout0 = at(frame.keyFactors, keys);
  frame.keyDropout1 = at(frame.keyDropout0, keys);
  frame.keyChunks = at(frame.keyDropout1, keys);
  frame.keyRoundBuckets = at(frame.keyChunks, sizes.rounds * keys);
  return at(frame.keyRoundBuckets, sizes.rounds * keys);
}
