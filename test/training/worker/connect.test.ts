import { afterEach, describe, expect, it } from "vitest";
import { init, NonFiniteError, ReformaxError } from "../../../src/index.ts";
import { InputError } from "../../../src/edge/problem.ts";
import { checkpointFromBytesOrThrow } from "../../../src/training/checkpoint/bytes.ts";
import { storedOf } from "../../../src/training/checkpoint/checkpoint.ts";
import { encodeFile } from "../../../src/training/checkpoint/file.ts";
import type { TrainConfigChoices } from "../../../src/training/config/configure.ts";
import { finish, train } from "../../../src/training/train.ts";
import { parameterHash } from "../../../src/training/parameter-hash.ts";
import { reformerModel } from "../../../src/training/reformer-model.ts";
import { sha256 } from "../../../src/training/node/index.ts";
import { connectTraining, serveTraining } from "../../../src/training/worker/index.ts";
import type { RunStep } from "../../../src/training/worker/index.ts";

const config: TrainConfigChoices = {
  preset: "bytes-small",
  model: {
    width: 16,
    headWidth: 8,
    feedForwardWidth: 16,
    layers: ["local", "lsh"],
    lsh: { chunk: 8, rounds: 2 },
    local: { chunk: 8 },
    positions: { shape: [8, 8], widths: [8, 8] },
  },
  training: { batch: 1, length: 64 },
};
const text = "the quick brown fox jumps over the lazy dog. ".repeat(20);

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** Both sides in one thread, over a channel. */
function connect() {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  serveTraining({ startBackend: () => init("wasm", { threads: 1 }), port: port2 });
  return connectTraining(port1);
}

const stepsOf = async (run: AsyncIterable<RunStep>): Promise<RunStep[]> => {
  const steps: RunStep[] = [];
  for await (const step of run) steps.push(step);
  return steps;
};

describe("training in a worker", () => {
  it("takes the steps that training takes, to the same parameters", async () => {
    const run = await connect().start({ config, text, steps: 5, hashAt: [3, 5] });
    const steps = await stepsOf(run);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);

    const complete = run.facts.config;
    const bytes = new TextEncoder().encode(text);
    const split = Math.floor(bytes.length / 10);
    const data = { train: bytes.subarray(0, -split), validation: bytes.subarray(-split) };
    const hashes: string[] = [];
    const losses: unknown[] = [];
    await finish(
      train({ model: reformerModel(complete), config: complete, data, steps: 5 }),
      ({ state, metrics }) => {
        hashes.push(parameterHash(state.params));
        losses.push(metrics.bitsPerByte);
      },
    );
    expect(steps.map(({ metrics }) => metrics.bitsPerByte)).toEqual(losses);
    expect(steps.map(({ parameterHash }) => parameterHash)).toEqual([
      undefined,
      undefined,
      hashes[2],
      undefined,
      hashes[4],
    ]);
    expect(steps[4].validation?.step).toBe(5);
  });

  it("tells before the first step what the run will need", async () => {
    const { facts } = await connect().start({ config, text, steps: 1 });
    expect(facts.parameters).toBeGreaterThan(1000);
    expect(facts.plannedBytes).toBeGreaterThan(16 * facts.parameters);
    expect(facts.backend).toEqual({ name: "wasm" });
    expect(facts.threads.count).toBe(1);
    expect(facts.config.training.schedule.horizon).toBe(600);
  });

  it("waits while it is paused, answering questions, and goes on with the same bits", async () => {
    const through = await stepsOf(await connect().start({ config, text, steps: 6 }));
    const run = await connect().start({ config, text, steps: 6 });
    const seen: RunStep[] = [];
    for await (const step of run) {
      seen.push(step);
      if (step.step !== 2) continue;
      await run.pause();
      const written = await run.generate({ prompt: "the ", count: 4, temperature: 1, seed: 1 });
      expect(written).toHaveLength(4);
      const again = await run.generate({ prompt: "the ", count: 4, temperature: 1, seed: 1 });
      expect(again).toEqual(written);
      await run.resume();
    }
    const bits = (steps: readonly RunStep[]) => steps.map(({ metrics }) => metrics.bitsPerByte);
    expect(bits(seen)).toEqual(bits(through));
  });

  it("shows how a text is hashed, also once the run is over", async () => {
    const run = await connect().start({ config, text, steps: 2 });
    await stepsOf(run);
    const report = await run.inspect(text.slice(0, 61));
    const { heads, rounds, length, chunks, chunkLength, window, numBuckets } = report;
    expect([heads, rounds, length, chunks, chunkLength, window, numBuckets]).toEqual([
      2, 2, 61, 8, 8, 16, 14,
    ]);
    expect(report.layers.map(({ layer }) => layer)).toEqual([1]);
    const [{ buckets, slots, order, seen }] = report.layers;
    expect(buckets).toHaveLength(heads * rounds * length);
    expect(buckets.every((bucket) => bucket >= 0 && bucket < numBuckets)).toBe(true);
    expect(order).toHaveLength(heads * rounds * chunks * chunkLength);
    expect(seen).toHaveLength(heads * rounds * chunks * window);
    slots.forEach((slot, i) => {
      const group = Math.floor(i / length);
      expect(order[group * chunks * chunkLength + slot]).toBe(i % length);
    });
  });

  it("goes on from the bytes of a checkpoint as if there had been no interruption", async () => {
    const through = await stepsOf(await connect().start({ config, text, steps: 6, hashAt: [6] }));
    const first = await connect().start({ config, text, steps: 3 });
    await stepsOf(first);
    const checkpoint = await first.checkpoint();
    expect(checkpointFromBytesOrThrow(checkpoint).step).toBe(3);
    const second = await connect().start({ checkpoint, text, steps: 6, hashAt: [6] });
    expect(second.facts.config).toEqual(first.facts.config);
    const steps = await stepsOf(second);
    expect(steps.map(({ step }) => step)).toEqual([4, 5, 6]);
    expect(steps[2].parameterHash).toBe(through[5].parameterHash);
    await expect(connect().start({ checkpoint, config, text })).rejects.toThrow(
      "a checkpoint has its own configuration",
    );
  });

  it("says what is computed otherwise since the version that wrote the checkpoint", async () => {
    const centred = { ...config, model: { ...config.model, lsh: { chunk: 8, centred: true } } };
    const first = await connect().start({ config: centred, text, steps: 1 });
    await stepsOf(first);
    const saved = checkpointFromBytesOrThrow(await first.checkpoint());
    const checkpoint = encodeFile(storedOf(saved), { writer: "0.2.0", digest: sha256 });
    const { facts } = await connect().start({ checkpoint, text, steps: 1 });
    expect(facts.warnings).toEqual([expect.stringContaining("reformax 0.2.0 wrote this")]);
    expect(first.facts.warnings).toBeUndefined();
  });

  it("stops when it is asked to, or when its reader leaves", async () => {
    const connection = connect();
    const run = await connection.start({ config, text, steps: 1000 });
    for await (const { step } of run) if (step === 2) break;
    const end = await run.stop();
    expect(end?.interrupted).toBe(true);
    expect(end?.step).toBeLessThan(50);
    const next = await connection.start({ config, text, steps: 1 });
    expect(await stepsOf(next)).toHaveLength(1);
  });

  it("has one run at a time", async () => {
    const connection = connect();
    const run = await connection.start({ config, text, steps: 1000 });
    await expect(connection.start({ config, text })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ReformaxError: start: this worker has a run already. Stop that first, or connect to another worker.]`,
    );
    await run.stop();
  });

  it("brings errors across as what they are, with all their problems", async () => {
    const bad = { ...config, model: { widht: 1, heads: -1 } } as TrainConfigChoices;
    const error: unknown = await connect()
      .start({ config: bad, text })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).problems.map(({ where }) => where)).toEqual([
      "model.heads",
      "model.widht",
    ]);

    const short: unknown = await connect()
      .start({ config, text: "short" })
      .catch((caught: unknown) => caught);
    expect(String(short)).toMatchInlineSnapshot(`
      "InputError: 2 problems:
        - data.train: has too few tokens: expected at least 65 (one window and its last target), got 5. Use more data or a smaller training.length.
        - data.validation: the range is empty: got 5:5"
    `);
  });

  it("ends with the error of a step that failed", async () => {
    const training = { ...config.training, clip: null, schedule: { rate: 1e30, warmup: 0 } };
    const wild = { ...config, training };
    const run = await connect().start({ config: wild, text });
    await expect(stepsOf(run)).rejects.toThrow(NonFiniteError);
    expect(await run.stop()).toBeNull();
  });

  it("fails what waits when the worker fails", async () => {
    const listeners = new Map<string, (event: { data: unknown; message?: string }) => void>();
    const worker = {
      postMessage: () => undefined,
      addEventListener: (
        type: string,
        listener: (event: { data: unknown; message?: string }) => void,
      ) => void listeners.set(type, listener),
    };
    const started = connectTraining(worker).start({ config, text });
    listeners.get("error")?.({ data: null, message: "blocked by policy" });
    await expect(started).rejects.toThrowErrorMatchingInlineSnapshot(
      `[BackendError: connectTraining: the worker failed: got blocked by policy]`,
    );
    await expect(started).rejects.toThrow(ReformaxError);
  });
});
