import type { Value } from "../../../core/value.ts";
import { iota, reduceMax } from "../../../lax/index.ts";
import {
  add,
  divide,
  equal,
  exp,
  expandDims,
  greater,
  log,
  matmul,
  multiply,
  reshape,
  subtract,
  sum,
  swapaxes,
  where,
} from "../../../numpy/index.ts";
import { logitScale } from "../../attention/attention-head.ts";
import { hasOwnKeys, type HeadOptions } from "../../attention/head-options.ts";
import { combine } from "../../attention/lsh.ts";
import { unitKeys } from "../../attention/unit-keys.ts";

/** Weighs as nothing, and is finite. */
const unseen = -1e30;

/**
 * Attention of a single token, q f32[B, 1, d], at i32 position[B], to kept keys f32[B, C, d] and values f32[B, C, e]: f32[B, 1, e]. Each key
 * counts as often as it is seen, `times` i32[B, rounds, C].
 */
export function attendKept(
  options: HeadOptions,
  q: Value,
  { keys, values }: { readonly keys: Value; readonly values: Value },
  times: Value,
  position: Value,
): Value {
  const { conventions } = options;
  const isShared = !hasOwnKeys(options);
  const k = isShared ? unitKeys(keys, conventions) : keys;
  const dots = multiply(matmul(q, swapaxes(k, 1, 2)), logitScale(options, q.shape[2]));
  const isSelf = equal(iota("i32", [1, 1, k.shape[1]], 2), expandDims(position, [1, 2]));
  const logits = isShared ? where(isSelf, conventions.selfMask, dots) : dots;
  const isSeen = greater(times, 0);
  const visible = where(isSeen, logits, unseen);
  const peak = expandDims(reduceMax(visible, [2]), 2);
  const weights = where(isSeen, multiply(times, exp(subtract(visible, peak))), 0);
  const total = sum(weights, 2, { keepDims: true });
  const out = divide(matmul(weights, values), total);
  const lse = add(peak, log(total));
  const [batch, rounds, width] = out.shape;
  return combine(reshape(out, [batch, rounds, 1, width]), reshape(lse, [batch, rounds, 1]));
}
