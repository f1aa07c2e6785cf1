/** Schedules of no steps, limits below 0, and steps that f32 does not tell apart. */
import { beforeAll, expect, test } from "vitest";
import { init, jit, ReformaxError, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import * as optim from "../../src/optim/index.ts";
import { i32 } from "../support/arrays.ts";

beforeAll(async () => {
  await init("reference");
});

test("schedules of no steps are at their end", () => {
  for (const step of [0, 1, 5]) {
    expect(optim.linear(0, 1, 0.5)(step).item()).toBe(0.5);
    expect(optim.cosine(0, 1, 0.25)(step).item()).toBe(0.25);
    expect(
      optim
        .linear(
          0,
          1,
          0.5,
        )(i32([], [step]))
        .item(),
    ).toBe(0.5);
  }
  expect(optim.warmup(0)(1).item()).toBe(1);
  expect(() => optim.cosineSawtooth(0)).toThrow(ReformaxError);
});

test("boundaries tell steps apart that f32 does not", () => {
  const rate = optim.piecewise([16777217], [1, 2]);
  for (const f of [rate, jit(rate as (step: Value) => Value)] as optim.Schedule[]) {
    expect([16777216, 16777217].map((step) => f(i32([], [step])).item())).toEqual([1, 2]);
    expect([16777216, 16777217].map((step) => f(step).item())).toEqual([1, 2]);
  }
  const joined = optim.join([16777217], [optim.constant(0), optim.linear(10, 0, 10)]);
  expect(joined(i32([], [16777220])).item()).toBe(3);
});

test("limits below 0 are errors: they would ascend", () => {
  for (const limit of [-1, NaN]) {
    expect(() => optim.clipByGlobalNorm(limit)).toThrow(ReformaxError);
    expect(() => optim.clipByValue(limit)).toThrow(ReformaxError);
    expect(() => optim.adam(0.1, { epsilon: limit })).toThrow(ReformaxError);
  }
  const [stopped] = optim.clipByGlobalNorm(0).update(np.array([3, 4]), null, np.array([0, 0]));
  expect(stopped.toArray()).toEqual([0, 0]);
});

test("the count of steps stays at its last number", () => {
  const adam = optim.scaleByAdam();
  const params = np.array([1]);
  const state = { ...adam.init(params), count: i32([], [2 ** 31 - 1]) };
  const [update, next] = adam.update(params, state, params);
  expect(next.count.item()).toBe(2 ** 31 - 1);
  expect(Number.isFinite(update.item())).toBe(true);
});
