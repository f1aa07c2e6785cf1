/*
 * The step of `reformerModel` holds nothing that a user could not write: written by hand it gives
 * the same bits.
 */
import { beforeAll, expect, test } from "vitest";
import { init, jit, valueAndGrad, type Value } from "../../src/index.ts";
import { sliceInDim } from "../../src/lax/index.ts";
import { applyUpdates } from "../../src/optim/index.ts";
import { initParams, loss, type ReformerParams } from "../../src/reformer/index.ts";
import {
  gatherWindows,
  optimizerOf,
  parameterHash,
  reformerModel,
  runKeys,
  trainConfig,
  type TrainConfigChoices,
} from "../../src/training/index.ts";

beforeAll(async () => {
  await init();
});

const text = new TextEncoder().encode("the quick brown fox jumps over the lazy dog. ".repeat(5));
const size = { width: 16, heads: 2, headWidth: 8, feedForwardWidth: 24, local: { chunk: 8 } };
const positions = { kind: "axial", shape: [8, 8], widths: [4, 12] } as const;

const choices: Record<string, TrainConfigChoices> = {
  "Adam with clipping and a schedule": {},
  "dropout, two rounds, AdamW": {
    model: { dropout: 0.1, attentionDropout: 0.1, lsh: { chunk: 8, rounds: 2 } },
    training: { optimizer: { kind: "adamw" } },
  },
  "float streams, SGD without clipping": {
    model: { reversible: "float", conventions: "lucidrains" },
    training: { optimizer: { kind: "sgd", momentum: 0.9 }, clip: null },
  },
};

test.each(Object.entries(choices))("%s", (_, { model: changes, training }) => {
  const length = 48;
  const config = trainConfig({
    model: { ...size, positions, ...changes },
    training: { batch: 2, length, seed: 3, ...training },
  });
  const keys = runKeys(config.training.seed);
  const optimizer = optimizerOf(config.training);
  const ownStep = jit(
    (params: ReformerParams, state: unknown, batch: Value, key: Value) => {
      const inputs = sliceInDim(batch, 0, length, 1);
      const targets = sliceInDim(batch, 1, length + 1, 1);
      const lossOf = (p: ReformerParams): Value =>
        loss(config.model, p, inputs, targets, key, { mode: "training" }).loss;
      const [value, gradient] = valueAndGrad(lossOf)(params);
      const [updates, next] = optimizer.update(gradient, state, params);
      return { params: applyUpdates(params, updates), optimizer: next, loss: value };
    },
    { donateArgnums: [0, 1] },
  );

  const model = reformerModel(config);
  let given = model.init(keys.initial);
  const params = initParams(config.model, keys.initial);
  let own = { params, optimizer: optimizer.init(params) };
  expect(parameterHash(own)).toBe(parameterHash(given));
  for (let step = 0; step < 3; step++) {
    const batch = gatherWindows(text, [7 * step, 60 + step], length);
    const result = model.step(given, batch, keys.step(step));
    const { loss: value, ...next } = ownStep(own.params, own.optimizer, batch, keys.step(step));
    expect(value.item()).toBe(result.metrics.loss.item());
    expect(parameterHash(next)).toBe(parameterHash(result.state));
    given = result.state;
    own = next;
  }
});
