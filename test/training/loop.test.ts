import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/edge/json.ts";
import { tensorsOf } from "../../src/training/checkpoint/tensors.ts";
import { mergeJson } from "../../src/edge/merge-json.ts";
import { parseTrainConfig, type TrainConfig } from "../../src/training/config/train-config.ts";
import { generate } from "../../src/generation/generate.ts";
import { measure } from "../../src/training/next-token/evaluation.ts";
import type { TrainHooks } from "../../src/training/hooks.ts";
import { finish, train } from "../../src/training/train.ts";
import { metricsLine, metricsUpTo } from "../../src/training/log.ts";
import type { MetricsRecord, StepRecord } from "../../src/training/next-token/records.ts";
import { toyKeys, toyModel, toyPreset, type ToyState } from "./toy-model.ts";

const configOf = (change: Json = {}): TrainConfig => {
  const parsed = parseTrainConfig(mergeJson(toyPreset, change));
  if (E.isLeft(parsed)) throw new Error(JSON.stringify(parsed.left));
  return parsed.right;
};

const text = new TextEncoder().encode("the quick brown fox jumps over the lazy dog. ".repeat(20));
const data = { train: text.subarray(0, 700), validation: text.subarray(700) };

interface Log {
  readonly records: MetricsRecord[];
  readonly saved: Map<number, ToyState>;
}

const logging = (): Log & { hooks: Partial<TrainHooks<ToyState>> } => {
  const log: Log = { records: [], saved: new Map() };
  let clock = 0;
  const hooks = {
    now: () => (clock += 5),
    peakMemoryBytes: () => 1000,
    save: (state: ToyState, step: number) => void log.saved.set(step, state),
  };
  return { ...log, hooks };
};

const bits = (state: ToyState) => [...tensorsOf(state)].map(([name, t]) => [name, t.toArray()]);

async function run(
  config: TrainConfig,
  steps: number,
  start?: { step: number; state: ToyState },
  stopAfter = Infinity,
) {
  const keys = toyKeys(config.training.seed);
  const controller = new AbortController();
  const { signal } = controller;
  const log = logging();
  const options = { model: toyModel(config), config, data, keys, start, steps, signal };
  const outcome = await finish(train({ ...options, hooks: log.hooks }), (done) => {
    log.records.push(done.metrics, ...(done.validation ? [done.validation] : []));
    if (done.step >= stopAfter) controller.abort();
  });
  return { ...log, outcome };
}

describe("train", () => {
  test("stopping anywhere and going on is the same run as going through", async () => {
    for (const order of ["random", "contiguous"]) {
      const config = configOf({ data: { order } });
      const whole = await run(config, 12);
      for (const at of [1, 6, 11]) {
        const first = await run(config, at);
        const second = await run(config, 12, first.outcome);
        expect(bits(second.outcome.state)).toEqual(bits(whole.outcome.state));
        const losses = (log: Log) => log.records.filter((r): r is StepRecord => "bitsPerByte" in r);
        expect([...losses(first), ...losses(second)]).toEqual(losses(whole));
      }
    }
  });

  test("another seed is another run, and learning lowers the loss", async () => {
    const one = await run(configOf(), 12);
    const other = await run(configOf({ training: { seed: 1 } }), 12);
    expect(bits(other.outcome.state)).not.toEqual(bits(one.outcome.state));
    const losses = one.records.filter((r): r is StepRecord => "bitsPerByte" in r);
    expect(losses[0].bitsPerByte).toBeCloseTo(8, 2);
    expect(losses[11].bitsPerByte).toBeLessThan(6);
    expect(losses[0].tokensPerSecond).toBeCloseTo(64 / 0.005);
  });

  test("checkpoints and measurements come when they are due, and at the end", async () => {
    const { saved, records, outcome } = await run(configOf({ training: { validateEvery: 5 } }), 11);
    expect([...saved.keys()]).toEqual([4, 8, 11]);
    const measured = records.filter((r) => "validation" in r);
    expect(measured.map((r) => r.step)).toEqual([5, 10, 11]);
    expect(outcome.validation).toEqual(measured[2]);
    expect(measured[2].validation.tokens).toBe(data.validation.length);
  });

  test("an aborted run saves the step that was reached", async () => {
    const { saved, outcome } = await run(configOf(), 12, undefined, 6);
    expect(outcome).toMatchObject({ step: 6, interrupted: true });
    expect([...saved.keys()]).toEqual([4, 6]);
  });

  test.each([
    [0, /step 2: the loss is not finite: got loss NaN, first in layer 0 \(bigram\)/],
    [1, /step 1: the state is not finite: got -?Infinity at element \d+ of params.table/],
  ])(
    "not finite, checkpoints every %i: stops, names step and place, saves nothing bad",
    async (every, message) => {
      const change = { training: { schedule: { rate: 1e41 }, checkpointEvery: every } };
      const config = configOf(change);
      const log = logging();
      const failed = train({
        model: toyModel(config),
        config,
        data,
        keys: toyKeys(0),
        hooks: log.hooks,
      });
      await expect(finish(failed)).rejects.toThrow(message);
      expect(log.saved.size).toBe(0);
    },
  );
});

describe("measure", () => {
  test("the sum over every byte once, whatever the windows, for a model that sees one byte back", async () => {
    const config = configOf();
    const { outcome } = await run(config, 6);
    const model = toyModel(config);
    const key = toyKeys(0).evaluation;
    const values: number[] = [];
    for (const [length, stride, batch] of [
      [32, 16, 4],
      [7, 3, 5],
      [500, 1, 1],
      [1, 1, 64],
    ]) {
      const options = { length, stride, batch, key };
      const measured = await measure(model, outcome.state, data.validation, options);
      expect(measured.tokens).toBe(data.validation.length);
      values.push(measured.bitsPerByte ?? NaN);
    }
    for (const value of values) expect(value).toBeCloseTo(values[0], 6);
  });
});

describe("generate", () => {
  test("sees the last bytes of the context, and repeats itself exactly", async () => {
    const config = configOf();
    const model = toyModel(config);
    const { outcome } = await run(config, 12);
    const write = async (prompt: string, temperature: number) => {
      const options = {
        context: 8,
        key: toyKeys(0).evaluation,
        temperature,
        uniform: (n: number) => (n * 0.37) % 1,
      };
      const bytes: number[] = [];
      const prompted = new TextEncoder().encode(prompt);
      for await (const b of generate(model, outcome.state, prompted, 20, options)) bytes.push(b);
      return bytes;
    };
    expect(await write("the quick brow", 1)).toEqual(await write("w", 1));
    expect(await write("w", 0)).not.toEqual(await write("q", 0));
    expect(await write("", 1)).toEqual(await write("\n", 1));
    expect(await write("w", 1)).toHaveLength(20);
  });
});

describe("metrics", () => {
  const record = (step: number): StepRecord => ({
    step,
    bitsPerByte: 2.5,
    tokensPerSecond: 100,
    peakMemoryBytes: 7,
  });

  test("one line of JSON each; numbers outside JSON become words", () => {
    expect(metricsLine({ ...record(1), bitsPerByte: NaN })).toBe(
      '{"step":1,"bitsPerByte":"NaN","tokensPerSecond":100,"peakMemoryBytes":7}\n',
    );
  });

  test("a resumed log loses what will be written again, and what a crash cut off", () => {
    fc.assert(
      fc.property(fc.nat(10), fc.nat(12), fc.nat(60), (lines, step, cut) => {
        const all = Array.from({ length: lines }, (_, i) => metricsLine(record(i + 1)));
        const text = all.join("");
        const torn = text + metricsLine(record(lines + 1)).slice(0, cut);
        expect(metricsUpTo(torn, step)).toBe(all.slice(0, step).join(""));
      }),
    );
  });
});
