import { createHash } from "node:crypto";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { leaves } from "../../src/core/tree.ts";
import { runKeys } from "../../src/training/index.ts";
import { stepNumbers, type StepNumbers } from "../../src/training/next-token/health.ts";
import type { StepMetrics } from "../../src/training/next-token/model.ts";
import { reformerModel } from "../../src/training/reformer-model.ts";
import { configOf, type ModelSettings } from "../models.ts";

/** A model and random tokens to train it on. */
export interface Training {
  /** One step on tokens of its own. */
  readonly step: () => void;
  /** Bytes of parameters and optimiser state, which lie outside of the arena between steps. */
  readonly stateBytes: () => number;
  readonly tokens: number;
  /** SHA-256 of all words of parameters and optimiser state, in hexadecimal digits. */
  readonly stateHash: () => string;
  /** What the last step reported. */
  readonly report: () => StepNumbers;
}

/** The name of a step's call. */
export const stepName = "trainStep";

/** Starts training from random parameters. */
export function startTraining(settings: ModelSettings): Training {
  const config = configOf(settings);
  const model = reformerModel(config);
  const keys = runKeys(1);
  const { batch, length } = config.training;
  let state = model.init(keys.initial);
  let step = 0;
  let metrics: StepMetrics | undefined;
  return {
    step: () => {
      const words = keys.words(step, batch * (length + 1));
      const tokens = Int32Array.from(words, (word) => word % model.vocabulary);
      const window = tensorFrom("i32", [batch, length + 1], tokens);
      ({ state, metrics } = model.step(state, window, keys.step(step)));
      step++;
    },
    stateBytes: () => leaves<Tensor>(state).reduce((sum, leaf) => sum + 4 * leaf.size, 0),
    tokens: batch * length,
    stateHash: () => {
      const hash = createHash("sha256");
      for (const leaf of leaves<Tensor>(state)) hash.update(leaf.words());
      return hash.digest("hex");
    },
    report: () => {
      if (!metrics) throw new Error("there was no step");
      return stepNumbers(metrics);
    },
  };
}
