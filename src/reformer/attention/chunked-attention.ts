import type { Value } from "../../core/value.ts";
import type { ChunkedAttentionParams } from "../../ir/attention.ts";
import * as ops from "../../ir/ops.ts";
import { customVjp, jvp } from "../../transforms/index.ts";

/** Who may attend to whom, in token indices; see {@link chunkedAttention}. */
export interface AttentionInfo {
  /** Token at each slot of each round, i32[N, R, L]. */
  readonly order: Value;
  /** Slot of each token, i32[N, R, L]. */
  readonly inverse: Value;
  /** Bucket of each token in each round, i32[N, R, L]. */
  readonly buckets: Value;
  /** 1 where a key may be attended to at all, i32[N, L]. */
  readonly valid: Value;
  /** Key of the dropout of each group, u32[N, 2]. */
  readonly dropoutKey: Value;
}

/** Who attends to whom in chunks of sorted slots. */
export type ChunkedAttentionOptions = ChunkedAttentionParams;

/**
 * Attention in chunks of sorted slots: queries, keys f32[N, L, d] and values f32[N, L, e] by token to
 * outputs f32[N, R, L, e] and log partition functions f32[N, R, L], by round and token. Scores are never
 * stored; the backward pass computes them again. Excluded pairs weigh exactly 0; a token that may attend to
 * nothing gets output 0 and lse -1e30. Reverse and forward mode, vmap. Paper, sections 2 and 3.
 */
export function chunkedAttention(
  q: Value,
  k: Value,
  v: Value,
  info: AttentionInfo,
  options: ChunkedAttentionOptions,
): readonly [out: Value, lse: Value] {
  const { order, inverse, buckets, valid, dropoutKey } = info;
  return attentionFor(options)(q, k, v, order, inverse, buckets, valid, dropoutKey);
}

type Operands = readonly [Value, Value, Value, Value, Value, Value, Value, Value];
type AttentionFunction = (...operands: Operands) => readonly [Value, Value];

const functions = new Map<string, AttentionFunction>();

/** One function per combination of options, so that equal layers share their traces. */
function attentionFor(options: ChunkedAttentionOptions): AttentionFunction {
  const key = JSON.stringify(options);
  const known = functions.get(key);
  if (known) return known;
  const created = differentiable((...operands) => {
    const [out, lse] = ops.bindNamed("chunkedAttention", operands, options);
    return [out, lse];
  }, options);
  functions.set(key, created);
  return created;
}

/** Reverse mode by the fused backward kernel, forward mode through the kernel's decomposition. */
const differentiable = (
  attend: AttentionFunction,
  options: ChunkedAttentionOptions,
): AttentionFunction =>
  customVjp<Operands, readonly [Value, Value], readonly Value[]>(attend, {
    forward: (...operands) => {
      const results = attend(...operands);
      return [results, [...operands, ...results]];
    },
    backward: (residuals, [dOut, dLse]) => {
      const gradients = ops.bindNamed(
        "chunkedAttentionBackward",
        [...residuals, dOut, dLse],
        options,
      );
      return [...gradients, null, null, null, null, null];
    },
    jvp: ([q, k, v, ...info], [dq, dk, dv]) =>
      jvp<[Value, Value, Value], readonly [Value, Value]>(
        (...vectors) => attend(...vectors, ...info),
        [q, k, v],
        [dq, dk, dv],
      ),
  });
