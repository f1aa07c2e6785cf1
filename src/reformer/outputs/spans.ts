import type { Value } from "../../core/value.ts";
import { sliceInDim } from "../../lax/index.ts";
import { add, less, multiply, notEqual, reshape, where } from "../../numpy/index.ts";
import {
  dense,
  softmaxCrossEntropy,
  type DenseParams,
  type LayerNormParams,
} from "../../nn/index.ts";
import { checkpoint } from "../../transforms/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import { allRows, flattenRows, scanRows } from "../row-chunks.ts";
import type { Streams } from "../stack/reversible.ts";
import { meanOver } from "./counted-mean.ts";
import { mergedRows } from "./merged-rows.ts";

/** The top of a model that finds where an answer starts and ends. */
export interface SpanHead {
  /** Of the merged streams. */
  readonly norm: LayerNormParams;
  /** To two logits: start and end. */
  readonly outer: DenseParams;
}

/** Of each position, f32[B, L]: logits of the start and of the end of the answer. */
export interface SpanLogits {
  readonly start: Value;
  readonly end: Value;
}

/** First and last position of each answer, i32[B]; below 0 where there is none to learn. */
export interface Spans {
  readonly start: Value;
  readonly end: Value;
}

/** Weighs nothing in a softmax beside any real logit. */
const never = -1e30;

/**
 * Start and end logits of each position, chunk by chunk.
 *
 * @param valid - 1 for real tokens, i32[B, L]: no answer is elsewhere; null where answers may be anywhere
 */
export function spanLogits(
  config: ReformerConfig,
  { norm, outer }: SpanHead,
  { first, second }: Streams,
  valid: Value | null,
): SpanLogits {
  const ofChunk = checkpoint((head: SpanHead, x: Value, y: Value): Value =>
    dense(head.outer, mergedRows(config, head.norm, x, y)),
  );
  const [, logits] = scanRows<null, readonly [Value, Value], Value>(
    (_, [x, y]) => [null, ofChunk({ norm, outer }, x, y)],
    null,
    [flattenRows(first), flattenRows(second)],
    { chunk: config.lossChunk ?? allRows },
  );
  const [batch, length] = first.shape;
  const column = (place: number): Value => {
    const scores = reshape(sliceInDim(logits, place, place + 1, 1), [batch, length]);
    return valid ? where(notEqual(valid, 0), scores, never) : scores;
  };
  return { start: column(0), end: column(1) };
}

/**
 * Mean of the cross-entropies of start and end in nats, f32[]. Positions below 0, and those behind the sequence, where an
 * answer was cut off, count nothing.
 */
export function spanLoss(logits: SpanLogits, spans: Spans): Value {
  const lossOf = (scores: Value, given: Value): Value => {
    const places = where(less(given, scores.shape[1]), given, -1);
    return meanOver(softmaxCrossEntropy(scores, places), places);
  };
  const both = add(lossOf(logits.start, spans.start), lossOf(logits.end, spans.end));
  return multiply(both, 0.5);
}
