import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { customVjp, jvp } from "../../transforms/index.ts";
import type { AttentionInfo, ChunkedAttentionOptions } from "./chunked-attention.ts";

export interface JointAttentionOptions extends ChunkedAttentionOptions {
  /**
   * A number: queries are keys too, at unit length, with this epsilon beside their mean square. Null: keys are vectors of
   * their own.
   */
  readonly unitKeys: number | null;
}

/** f32[N, L, d], the same, and f32[N, L, e]; `k` is null exactly with unit keys. */
export interface AttentionVectors {
  readonly q: Value;
  readonly k: Value | null;
  readonly v: Value;
}

/**
 * Attention in chunks of sorted slots with one softmax over the keys of all rounds, f32[N, L, e]: what `chunked`, unit keys and
 * `lsh.combine` give, but the rounds are added up one after another, so that nothing of their number is stored, in
 * neither direction. Reverse and forward mode, vmap. Paper, sections 2 and 3.
 *
 * @throws ShapeError when the operands do not fit
 */
export function jointAttention(
  { q, k, v }: AttentionVectors,
  info: AttentionInfo,
  options: JointAttentionOptions,
): Value {
  const { order, inverse, buckets, valid, dropoutKey } = info;
  const vectors = k ? [q, k, v] : [q, v];
  return attentionFor(options)(...vectors, order, inverse, buckets, valid, dropoutKey);
}

type AttentionFunction = (...operands: readonly Value[]) => Value;

/** Operands behind the vectors. */
const indexCount = 5;

const functions = new Map<string, AttentionFunction>();

/** One function per combination of options, so that equal layers share their traces. */
function attentionFor(options: JointAttentionOptions): AttentionFunction {
  const key = JSON.stringify(options);
  const known = functions.get(key);
  if (known) return known;
  const fused = (operands: readonly Value[]): readonly Value[] =>
    ops.bindNamed("jointAttention", operands, options);
  const attend: AttentionFunction = (...operands) => fused(operands)[0];
  // Reverse mode by the fused backward kernel, forward mode through the kernel's decomposition.
  const created = customVjp<readonly Value[], Value, readonly Value[]>(attend, {
    forward: (...operands) => {
      const [out, lse] = fused(operands);
      return [out, [...operands, out, lse]];
    },
    backward: (residuals, dOut) => [
      ...ops.bindNamed("jointAttentionBackward", [...residuals, dOut], options),
      ...Array.from({ length: indexCount }, () => null),
    ],
    jvp: (primals, tangents) => {
      const count = primals.length - indexCount;
      const indices = primals.slice(count);
      return jvp<Value[]>(
        (...vectors) => attend(...vectors, ...indices),
        primals.slice(0, count),
        tangents.slice(0, count),
      );
    },
  });
  functions.set(key, created);
  return created;
}
