import type { Value } from "../../src/core/value.ts";
import { argmax, astype, equal, sum } from "../../src/numpy/index.ts";
import {
  logits,
  type PassOptions,
  type ReformerConfig,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import type { RunKeys } from "../../src/training/index.ts";
import { jit } from "../../src/transforms/index.ts";
import { copyBatch, type CopyShape } from "./sequences.ts";

/** How many symbols of the second w a model tells rightly, f32[]. */
export type CountHits = (
  params: ReformerParams,
  tokens: Value,
  targets: Value,
  key: Value,
) => Value;

/** Counts where the likeliest token is the target: targets of -1 are no token. */
export const countIn =
  (logitsOf: (params: ReformerParams, tokens: Value, key: Value) => Value): CountHits =>
  (params, tokens, targets, key) =>
    sum(astype(equal(argmax(logitsOf(params, tokens, key), -1), targets), "f32"));

/** With the attention that a configuration and the pass ask for. */
export const hits = (model: ReformerConfig, options: PassOptions = {}): CountHits =>
  jit(
    countIn((params, tokens, key) => logits(model, params, tokens, key, options)),
    {
      name: "copyHits",
    },
  );

export interface Look {
  readonly settings: CopyShape;
  readonly keys: RunKeys;
  /** Sequences. */
  readonly count: number;
}

/** Sequences of one pass. */
const together = 32;

/** The rate of symbols told rightly, from 0 to 1; every pass has other rotations, the same for every model. */
export async function rateOfHits(
  count: CountHits,
  params: ReformerParams,
  { settings, keys, count: sequences }: Look,
): Promise<number> {
  let right = 0;
  const passes = Math.ceil(sequences / together);
  for (let pass = 0; pass < passes; pass++) {
    const { tokens, targets } = copyBatch(settings, together, keys, pass);
    const [found] = await count(params, tokens, targets, keys.step(pass)).data();
    right += found;
  }
  return right / (passes * together * (settings.length / 2 - 1));
}
