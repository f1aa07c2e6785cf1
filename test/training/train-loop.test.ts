/* `train` as an async iterable: what a page or a notebook that drives it may rely on. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { init } from "../../src/init.ts";
import { mergeJson } from "../../src/edge/merge-json.ts";
import { orThrow } from "../../src/edge/problem.ts";
import {
  breathe,
  copyState,
  parseTrainConfig,
  reformerModel,
  tensorsOf,
  train,
  type TrainOptions,
} from "../../src/training/index.ts";
import { toyKeys, toyModel, toyPreset, type ToyState } from "./toy-model.ts";

const text = new TextEncoder().encode("the quick brown fox jumps over the lazy dog. ".repeat(20));
const config = orThrow(parseTrainConfig(toyPreset));

const toyRun = (more: Partial<TrainOptions<ToyState>> = {}) =>
  train({ model: toyModel(config), config, data: { train: text }, keys: toyKeys(0), ...more });

describe("train, driven from outside", () => {
  test("makes a step only when it is asked for one", async () => {
    const beforeStep = vi.fn<() => void>();
    const run = toyRun({ model: toyModel(config, beforeStep) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(beforeStep).not.toHaveBeenCalled();
    await run.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(beforeStep).toHaveBeenCalledOnce();
  });

  test("without further options: from the beginning to the horizon, nothing saved or measured", async () => {
    const steps: number[] = [];
    for await (const { step, metrics, validation } of toyRun()) {
      steps.push(step);
      expect(metrics.tokensPerSecond).toBeGreaterThan(0);
      expect(metrics).not.toHaveProperty("peakMemoryBytes");
      expect(validation).toBeUndefined();
    }
    expect(steps).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  test("leaving the loop ends the run and saves nothing more", async () => {
    const saved: number[] = [];
    const run = toyRun({ hooks: { save: (_, step) => void saved.push(step) } });
    for await (const { step } of run) if (step === 6) break;
    expect(saved).toEqual([4]);
    expect(await run.next()).toEqual({ done: true, value: undefined });
  });

  test("a slow save is waited for", async () => {
    const order: string[] = [];
    const save = async (_: ToyState, step: number): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`saved ${step}`);
    };
    for await (const { step } of toyRun({ steps: 5, hooks: { save } })) order.push(`step ${step}`);
    expect(order).toEqual(["step 1", "step 2", "step 3", "step 4", "saved 4", "step 5", "saved 5"]);
  });

  test("aborted while a step is made, it tells of that step and makes no other", async () => {
    const signal = { aborted: false };
    const model = toyModel(config, () => (signal.aborted = true));
    const run = toyRun({ model, signal });
    expect(await run.next()).toMatchObject({ done: false, value: { step: 1 } });
    const end = await run.next();
    expect(end).toMatchObject({ done: true, value: { step: 1, interrupted: true } });
  });

  test("aborted before it begins, it makes no step", async () => {
    const first = await toyRun({ signal: AbortSignal.abort() }).next();
    expect(first).toMatchObject({ done: true, value: { step: 0, interrupted: true } });
  });

  test("timers run between steps", async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 0);
    const slow = toyModel(config, () => {
      const until = performance.now() + 3;
      while (performance.now() < until);
    });
    for await (const { step } of toyRun({ model: slow })) if (step === 12) break;
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(10);
  });
});

describe("breathe", () => {
  test.each([
    ["setImmediate", []],
    ["a message", ["setImmediate"]],
    ["a timer", ["setImmediate", "MessageChannel"]],
  ])("lets timers run, by %s", async (_, missing) => {
    const timers = { setTimeout: globalThis.setTimeout };
    for (const name of missing) vi.stubGlobal(name, undefined);
    try {
      const timer = { fired: false };
      timers.setTimeout(() => (timer.fired = true), 0);
      const giveUp = performance.now() + 2000;
      while (!timer.fired && performance.now() < giveUp) await breathe();
      expect(timer.fired).toBe(true);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("the state of a step", () => {
  beforeAll(async () => {
    await init();
  });

  test("is read before the next step; afterwards only a copy is there", async () => {
    const slower = { training: { schedule: { rate: 0.001 } } };
    const config = orThrow(parseTrainConfig(mergeJson(toyPreset, slower)));
    const model = reformerModel(config);
    const run = train({ model, config, data: { train: text }, steps: 2 });
    const first = await run.next();
    if (first.done === true) throw new Error("it ended before the first step");
    const { state } = first.value;
    const copy = copyState(state);
    await run.next();
    const [, leaf] = [...tensorsOf(state)][0];
    expect(() => leaf.toArray()).toThrow(
      "trainStep: this tensor was donated and has no elements any more: got i32[]. " +
        "Use the result of the call that took it, copy it before that call, or do not donate it.",
    );
    for (const [, kept] of tensorsOf(copy)) expect(kept.isDonated).toBe(false);
  });
});
