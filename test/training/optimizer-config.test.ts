/** Optimisers, schedules and what stands around them by configuration: they learn, resume to the same bits, and say what does not fit. */
import { beforeAll, describe, expect, test } from "vitest";
import { init, tree, type Tensor } from "../../src/index.ts";
import { orThrow } from "../../src/edge/problem.ts";
import { averagedParameters } from "../../src/optim/index.ts";
import {
  checkpointFromBytes,
  checkpointOf,
  checkpointToBytes,
  gatherWindows,
  parameterHash,
  reformerModel,
  runKeys,
  scheduleOf,
  stateOfOrThrow,
  trainConfig,
  type TrainConfigChoices,
} from "../../src/training/index.ts";

beforeAll(async () => {
  await init();
});

const text = new TextEncoder().encode("the quick brown fox jumps over the lazy dog. ".repeat(5));
const length = 32;
const model = {
  width: 16,
  heads: 2,
  headWidth: 8,
  feedForwardWidth: 24,
  local: { chunk: 8 },
  lsh: { chunk: 8 },
  positions: { kind: "axial", shape: [8, 8], widths: [4, 12] },
} as const;

type Training = NonNullable<TrainConfigChoices["training"]>;

const configOf = (training: Training) =>
  trainConfig({ model, training: { batch: 2, length, seed: 3, ...training } });

const oneCycle = { kind: "oneCycle", rate: 0.01, horizon: 20 } as const;

const choices: Readonly<Record<string, Training>> = {
  "Adafactor as in trax, with momentum": {
    optimizer: { kind: "adafactor", convention: "trax", momentum: 0.9 },
    schedule: { kind: "constant", rate: 0.05, horizon: 20 },
  },
  "Adafactor as in transformers, one cycle, in the sweep": {
    optimizer: { kind: "adafactor", convention: "transformers", weightDecay: 0.1 },
    schedule: oneCycle,
    update: "inSweep",
    clip: null,
  },
  "accumulated batches, smooth labels, clipped elements": {
    accumulate: 3,
    labelSmoothing: 0.1,
    clipValue: 0.01,
    schedule: oneCycle,
  },
  "an average of the parameters, accumulated in the sweep": {
    average: 0.5,
    accumulate: 2,
    update: "inSweep",
    clip: null,
  },
  "an average of the parameters": { average: 0.9, optimizer: { kind: "sgd" } },
};

function run(training: Training) {
  const config = configOf(training);
  const keys = runKeys(config.training.seed);
  const reformer = reformerModel(config);
  const batch = (step: number): Tensor => gatherWindows(text, [step, 40 + step], length);
  type State = ReturnType<typeof reformer.init>;
  const steps = (state: State, from: number, to: number): State => {
    let at = state;
    for (let step = from; step < to; step++) {
      at = reformer.step(at, batch(step % 3), keys.step(step)).state;
    }
    return at;
  };
  const lossOf = (state: State): number => {
    const { losses } = reformer.evaluate(state, batch(0), keys.step(0), {});
    return [...losses.dataSync()].reduce((sum, loss) => sum + loss, 0) / losses.size;
  };
  return { config, keys, reformer, steps, lossOf };
}

describe.each(Object.entries(choices))("%s", (_, training) => {
  test("goes on from a checkpoint to the same bits, and learns", () => {
    const { config, keys, reformer, steps, lossOf } = run(training);
    const start = (): ReturnType<typeof reformer.init> => reformer.init(keys.initial);
    const first = lossOf(start());
    const straight = steps(start(), 0, 7);
    const half = steps(start(), 0, 4);
    const bytes = checkpointToBytes(checkpointOf({ config, state: half, step: 4 }));
    const checkpoint = orThrow(checkpointFromBytes(bytes));
    expect(checkpoint.config).toEqual(config);
    const resumed = steps(stateOfOrThrow(checkpoint, reformer), 4, 7);
    expect(parameterHash(resumed.params)).toBe(parameterHash(straight.params));
    expect(tree.leaves<Tensor>(resumed).map((x) => [...x.dataSync()])).toEqual(
      tree.leaves<Tensor>(straight).map((x) => [...x.dataSync()]),
    );
    expect(lossOf(steps(straight, 7, 16))).toBeLessThan(first);
  });
});

test("a run with an average is measured with it, and with its parameters before the first step", () => {
  const { reformer, keys, steps, lossOf } = run({ average: 0.5 });
  const start = reformer.init(keys.initial);
  const plain = run({});
  const withoutAverage = plain.reformer.init(keys.initial);
  expect(lossOf(start)).toBe(plain.lossOf(withoutAverage));
  const after = steps(start, 0, 3);
  const state = after as unknown as { params: object; optimizer: unknown };
  const averaged = averagedParameters(state.optimizer, state.params);
  const moved = plain.steps(withoutAverage, 0, 3);
  expect(parameterHash(moved.params)).toBe(parameterHash(after.params));
  expect(lossOf(after)).toBe(plain.lossOf({ ...moved, params: averaged } as never));
  expect(lossOf(after)).not.toBe(plain.lossOf(moved));
});

test("the rate of one cycle is asked for by name", () => {
  const { training } = configOf({ schedule: { ...oneCycle, rising: 0.5 } });
  const rate = scheduleOf(training);
  expect([0, 10, 20].map((step) => Number(rate(step).item().toPrecision(3)))).toEqual([
    0.0004, 0.01, 4e-8,
  ]);
});

test("a configuration without them has none of their keys, and wrong ones are refused", () => {
  const keys = Object.keys(configOf({}).training);
  for (const name of ["accumulate", "average", "clipValue", "labelSmoothing"]) {
    expect(keys).not.toContain(name);
  }
  const wrong = { accumulate: 0, average: 1, clipValue: -1, labelSmoothing: 1 };
  expect(() => configOf(wrong)).toThrow(
    /training.clipValue[^]*accumulate[^]*average[^]*labelSmoothing/,
  );
  const convention = "pax" as "trax";
  expect(() => configOf({ optimizer: { kind: "adafactor", convention } })).toThrow(
    /training.optimizer.convention.*optax, transformers, trax/,
  );
  expect(() => configOf({ schedule: { ...oneCycle, rising: 1 } })).toThrow(/schedule.rising/);
});
