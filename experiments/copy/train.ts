import type { Value } from "../../src/core/value.ts";
import { adam, applyUpdates, chain, clipByGlobalNorm, warmup } from "../../src/optim/index.ts";
import {
  initParams,
  loss,
  type ReformerConfig,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import { runKeys, train, type Task } from "../../src/training/index.ts";
import { jit, valueAndGrad } from "../../src/transforms/index.ts";
import { hits, rateOfHits, type CountHits } from "./accuracy.ts";
import { copyBatch, type CopyBatch } from "./sequences.ts";
import type { CopySettings } from "./settings.ts";

interface State {
  readonly params: ReformerParams;
  readonly optimizer: unknown;
}

/** A model of the task, as it learns and as it is looked at. */
export interface CopyLearner {
  readonly model: ReformerConfig;
  /** Mean over the symbols of the second w, f32[]. */
  readonly lossOf: (params: ReformerParams, batch: CopyBatch, key: Value) => Value;
  readonly count: CountHits;
}

/** The library's model of a configuration. */
export const learnerOf = (model: ReformerConfig): CopyLearner => ({
  model,
  lossOf: (params, { tokens, targets }, key) =>
    loss(model, params, tokens, targets, key, { mode: "training" }).loss,
  count: hits(model),
});

/** The task 0w0w: the next symbol of the second w, from all before it. */
export function copyTask(
  settings: CopySettings,
  { model, lossOf }: CopyLearner,
  seed: number,
): Task<State> {
  const keys = runKeys(seed);
  const schedule = warmup(settings.warmup, settings.rate);
  const optimizer = chain(clipByGlobalNorm(1), adam(schedule, { b2: 0.98 }));
  const learn = jit(
    ({ params, optimizer: before }: State, batch: CopyBatch, key: Value) => {
      const [value, gradient] = valueAndGrad((given: ReformerParams) => lossOf(given, batch, key))(
        params,
      );
      const [updates, after] = optimizer.update(gradient, before as never, params);
      const state: State = { params: applyUpdates(params, updates), optimizer: after };
      return { state, metrics: { loss: value } };
    },
    { donateArgnums: [0], name: "copyStep" },
  );
  return {
    name: "copy",
    metrics: [{ name: "loss", unit: "nats", digits: 3, role: "loss" }],
    keys,
    init: (key) => {
      const params = initParams(model, key);
      return { params, optimizer: optimizer.init(params) };
    },
    batch: (step) => copyBatch(settings, settings.batch, keys, step),
    step: (state, batch: CopyBatch, key) => learn(state, batch, key),
  };
}

export interface Trained {
  readonly params: ReformerParams;
  readonly steps: number;
  /** Mean over the last steps, in nats. */
  readonly loss: number;
  /** With its own attention, at the last look. */
  readonly accuracy: number;
}

/** Trains until the task is solved, or the steps are used up. */
export async function trainCopy(
  settings: CopySettings,
  learner: CopyLearner,
  seed: number,
  log: (line: string) => void,
): Promise<Trained> {
  const { lookEvery, mostSteps, solved } = settings;
  const look = { settings, keys: lookKeys, count: 64 };
  let sum = 0;
  let last: Trained | undefined;
  for await (const { step, metrics, state } of train({
    task: copyTask(settings, learner, seed),
    steps: mostSteps,
  })) {
    sum += metrics.loss;
    if (step % lookEvery !== 0 && step !== mostSteps) continue;
    const { params } = state;
    const accuracy = await rateOfHits(learner.count, params, look);
    const loss = sum / (((step - 1) % lookEvery) + 1);
    log(`step ${step}, loss ${loss.toFixed(3)}, accuracy ${(100 * accuracy).toFixed(1)} %`);
    last = { params, steps: step, loss, accuracy };
    sum = 0;
    if (accuracy >= solved) break;
  }
  if (!last) throw new Error("no step was taken");
  return last;
}

/** Of the sequences at which training looks; every seed of training and the evaluation have other ones. */
const lookKeys = runKeys(1_000_000);

/** Of the sequences of the evaluation, the same for all models. */
export const evaluationKeys = runKeys(2_000_000);
