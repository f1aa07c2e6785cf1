import type { Value } from "../../core/value.ts";
import { broadcastInDim, sliceInDim, stopGradient } from "../../lax/index.ts";
import { add, astype, cumsum, divide, full, reshape, subtract } from "../../numpy/index.ts";
import { deviations } from "../attention/centring.ts";
import { bucketsBy } from "../attention/hash-tokens.ts";
import type { HeadOptions } from "../attention/head-options.ts";

/** How the tokens of a head are hashed while they are decoded: by rotations that stay, and by their deviation from the mean so far. */
export interface HashRule extends Pick<HeadOptions, "bestBuckets"> {
  /** f32[G, width, rounds, half] */
  readonly rotations: Value;
  readonly sizes: readonly number[];
  readonly centred: boolean;
}

export interface Hashed {
  /** i32[B, rounds, L] */
  readonly buckets: Value;
  /** Sums of the queries so far, f32[B, width]; null where nothing is centred. */
  readonly sums: Value | null;
}

const hashOf = (x: Value, { rotations, sizes, ...options }: HashRule): Value =>
  bucketsBy(stopGradient(x), stopGradient(rotations), sizes, options);

/** Of the queries f32[B, L, width] of a prompt. */
export function hashPrompt(q: Value, rule: HashRule): Hashed {
  if (!rule.centred) return { buckets: hashOf(q, rule), sums: null };
  const [batch, length, width] = q.shape;
  const last = sliceInDim(cumsum(q, 1), length - 1, length, 1);
  return {
    buckets: hashOf(deviations(q, full([batch, length], 1, "i32")), rule),
    sums: reshape(last, [batch, width]),
  };
}

/** Of one more token's queries f32[B, 1, width], at i32 position[B]. */
export function hashNext(q: Value, rule: HashRule, sums: Value | null, position: Value): Hashed {
  if (!sums) return { buckets: hashOf(q, rule), sums: null };
  const [batch, , width] = q.shape;
  const total = add(sums, reshape(q, [batch, width]));
  const count = broadcastInDim(astype(add(position, 1), "f32"), total.shape, [0]);
  const mean = reshape(divide(total, count), q.shape);
  return { buckets: hashOf(subtract(q, mean), rule), sums: total };
}
