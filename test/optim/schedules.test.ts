import { expect, test } from "vitest";
import { jit, type Value } from "../../src/index.ts";
import { array } from "../../src/numpy/index.ts";
import {
  constant,
  cosine,
  cosineSawtooth,
  join,
  linear,
  piecewise,
  product,
  rsqrt,
  warmup,
  warmupRsqrt,
  type Schedule,
} from "../../src/optim/index.ts";
import { describeBackends } from "../support/backends.ts";

/** The values that trax' own lr_schedules_test expects, to seven places as there. */
const traxCosine: [number, number][] = [
  [1, 0.29998477],
  [30, 0.28660254],
  [60, 0.25],
  [90, 0.2],
  [120, 0.15],
  [179, 0.10001523],
  [180, 0.3],
];
const traxRsqrt: [number, number][] = [
  [1, 0.01],
  [2, 0.02],
  [23, 0.23],
  [24, 0.24],
  ...[25, 26, 27, 300, 4000, 50000].map((step): [number, number] => [
    step,
    (0.25 * 5) / Math.sqrt(step),
  ]),
];

const closeTo = (actual: Value, expected: number): void => {
  expect(actual.dtype).toBe("f32");
  expect(actual.shape).toEqual([]);
  expect(Math.abs(actual.item() - expected)).toBeLessThan(1e-7);
};

describeBackends("schedules", () => {
  test.each(traxRsqrt)("warmupRsqrt at step %d as in trax", (step, expected) => {
    closeTo(warmupRsqrt(24, 0.25)(step), expected);
    closeTo(warmupRsqrt(24, 0.25)(array(step, "i32")), expected);
  });

  test.each(traxCosine)("cosineSawtooth at step %d as in trax", (step, expected) => {
    closeTo(cosineSawtooth(180, 0.3, 0.1)(step), expected);
  });

  test.each<[string, Schedule, (step: number) => number]>([
    ["constant", constant(0.3), () => 0.3],
    ["warmup", warmup(10, 0.2), (step) => 0.2 * Math.min(1, step / 10)],
    ["rsqrt", rsqrt(10), (step) => 1 / Math.sqrt(Math.max(step, 10))],
    ["linear", linear(20, 1, 0.5), (step) => 1 - 0.5 * Math.min(1, step / 20)],
    [
      "cosine",
      cosine(20, 0.4, 0.1),
      (step) => 0.1 + 0.15 * (1 + Math.cos((Math.PI * Math.min(step, 20)) / 20)),
    ],
    [
      "trax' multifactor",
      product(constant(0.05), warmup(10), rsqrt(10)),
      (step) => (0.05 * Math.min(1, step / 10)) / Math.sqrt(Math.max(step, 10)),
    ],
    [
      "piecewise",
      piecewise([5, 12], [1, 0.5, 0.25]),
      (step) => (step < 5 ? 1 : step < 12 ? 0.5 : 0.25),
    ],
    [
      "join",
      join([6], [warmup(4, 1), linear(10, 1, 0)]),
      (step) => (step < 6 ? Math.min(1, step / 4) : Math.max(0, 1 - (step - 6) / 10)),
    ],
  ])("%s equals its formula, compiled too", (_name, schedule, formula) => {
    const compiled = jit((step: Value) => schedule(step));
    for (const step of [1, 2, 5, 6, 10, 12, 20, 1000]) {
      closeTo(schedule(step), Math.fround(formula(step)));
      expect(compiled(array(step, "i32")).item()).toBe(schedule(step).item());
    }
  });

  test("boundaries that do not fit", () => {
    expect(() => join([3, 2], [constant(1), constant(2), constant(3)])).toThrow("ascending");
    expect(() => piecewise([3], [1])).toThrow("0 ascending steps");
  });
});
