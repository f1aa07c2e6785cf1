import type { Value } from "../../core/value.ts";
import { broadcastInDim, dotGeneral, gather, iota } from "../../lax/index.ts";
import {
  add,
  argmax,
  astype,
  divide,
  full,
  maximum,
  multiply,
  notEqual,
  reshape,
  sum,
  tanh,
  zeros,
} from "../../numpy/index.ts";
import {
  dense,
  dropout,
  oneHot,
  softmaxCrossEntropy,
  type CrossEntropyOptions,
  type DenseParams,
  type LayerNormParams,
} from "../../nn/index.ts";
import { foldIn } from "../../random/index.ts";
import { checkpoint } from "../../transforms/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import { allRows, flattenRows, scanRows } from "../row-chunks.ts";
import type { Streams } from "../stack/reversible.ts";
import { meanOver } from "./counted-mean.ts";
import { mergedRows, mergedWidth } from "./merged-rows.ts";

/** The top of a classifier of sequences. */
export interface ClassifierHead {
  /** Of the merged streams. */
  readonly norm: LayerNormParams;
  /** A layer with tanh behind it; absent in a head of one layer. */
  readonly inner?: DenseParams;
  /** To the classes. */
  readonly outer: DenseParams;
}

/** What stands for a sequence: its first token, or the mean of all. */
export type Pooling = "first" | "mean";

export interface PoolOptions {
  readonly pool: Pooling;
  /** 1 for real tokens, i32[B, L]: the first and the mean of these. Without it all are. */
  readonly valid?: Value | null;
}

export interface HeadDropout {
  /** u32[2] */
  readonly key: Value;
  readonly rate: number;
}

/**
 * Logits f32[B, classes] of whole sequences from their streams. With two layers: dropout, dense, tanh, dropout, dense.
 * A sequence without real tokens has its first position's with `first`, and those of zeros with `mean`.
 */
export function classLogits(
  config: ReformerConfig,
  head: ClassifierHead,
  streams: Streams,
  options: PoolOptions,
  drop: HeadDropout | null = null,
): Value {
  const kept = (x: Value, place: number): Value =>
    drop && drop.rate > 0 ? dropout(foldIn(drop.key, place), drop.rate, x) : x;
  const pooled = kept(poolStreams(config, head.norm, streams, options), 0);
  if (!head.inner) return dense(head.outer, pooled);
  return dense(head.outer, kept(tanh(dense(head.inner, pooled)), 1));
}

/** Mean cross-entropy in nats over the labels i32[B] that are not below 0, f32[]; 0 if none is. */
export const classLoss = (
  logits: Value,
  labels: Value,
  smoothing: CrossEntropyOptions = {},
): Value => meanOver(softmaxCrossEntropy(logits, labels, smoothing), labels);

/** f32[B, merged width] */
const poolStreams = (
  config: ReformerConfig,
  norm: LayerNormParams,
  streams: Streams,
  { pool, valid = null }: PoolOptions,
): Value =>
  pool === "first"
    ? firstToken(config, norm, streams, valid)
    : meanToken(config, norm, streams, valid);

function firstToken(
  config: ReformerConfig,
  norm: LayerNormParams,
  { first, second }: Streams,
  valid: Value | null,
): Value {
  const [batch] = first.shape;
  // Of equal values argmax takes the first.
  const places = valid ? argmax(astype(notEqual(valid, 0), "i32"), 1) : full([batch], 0, "i32");
  const at = (stream: Value): Value => gather(stream, places, 1);
  return mergedRows(config, norm, at(first), at(second));
}

/** Chunk by chunk, so that no array of the merged width is as long as the sequences. */
function meanToken(
  config: ReformerConfig,
  norm: LayerNormParams,
  { first, second }: Streams,
  valid: Value | null,
): Value {
  const [batch, length] = first.shape;
  const real = valid ? astype(notEqual(valid, 0), "f32") : full([batch, length], 1);
  const counts = maximum(sum(real, 1, { keepDims: true }), 1);
  const shares = reshape(divide(real, counts), [batch * length]);
  const sequences = reshape(iota("i32", [batch, length], 0), [batch * length]);
  type Rows = readonly [first: Value, second: Value, shares: Value, sequences: Value];
  const ofChunk = checkpoint((params: LayerNormParams, ...[x, y, share, sequence]: Rows): Value => {
    const normed = mergedRows(config, params, x, y);
    const each = oneHot(sequence, batch);
    const weights = multiply(each, broadcastInDim(share, each.shape, [0]));
    return dotGeneral(weights, normed, {
      lhsBatch: [],
      rhsBatch: [],
      lhsContract: [0],
      rhsContract: [0],
    });
  });
  const [pooled] = scanRows<Value, Rows, null>(
    (total, rows) => [add(total, ofChunk(norm, ...rows)), null],
    zeros([batch, mergedWidth(config)]),
    [flattenRows(first), flattenRows(second), shares, sequences],
    { chunk: config.lossChunk ?? allRows },
  );
  return pooled;
}
