/** Outside of `jit`, a function is traced at every call; what follows from its program is not worked out again, and never mixed up. */
import { beforeEach, expect, it, vi } from "vitest";
import { stage, stageClosed } from "../../src/ir/builder.ts";
import {
  checkpoint,
  clearCaches,
  customJvp,
  customVjp,
  grad,
  scan,
  vjp,
  type Value,
} from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { describeBackends } from "../support/backends.ts";

vi.mock("../../src/ir/builder.ts", { spy: true });

const traced = (f: () => unknown): number => {
  vi.clearAllMocks();
  f();
  return vi.mocked(stage).mock.calls.length + vi.mocked(stageClosed).mock.calls.length;
};

describeBackends("a function that is differentiated again", () => {
  beforeEach(clearCaches);
  const x = (): Value => np.array([1, 2, 3]);
  const wave = (y: Value): Value => np.sum(np.sin(np.multiply(y, y)));

  it("is traced, and nothing else is", () => {
    expect(traced(() => grad(wave)(x()))).toBeGreaterThan(1);
    expect(traced(() => grad(wave)(x()))).toBe(1);
    expect(traced(() => grad((y: Value) => wave(y))(x()))).toBe(1);
    clearCaches();
    expect(traced(() => grad(wave)(x()))).toBeGreaterThan(1);
  });

  const factors = [1, 2, -3];
  /** Every function differs from the others in what it closes over. */
  it.each<[string, (factor: number) => (y: Value) => Value]>([
    ["numbers", (c) => (y) => np.sum(np.multiply(y, c))],
    [
      "arrays",
      (c) => {
        const a = np.full([3], c);
        return (y) => np.sum(np.multiply(y, a));
      },
    ],
    [
      "arrays without axes",
      (c) => {
        const a = np.array(c);
        return (y) => np.sum(np.multiply(y, a));
      },
    ],
    [
      "a custom vjp's rule",
      (c) =>
        customVjp((y: Value) => np.sum(y), {
          forward: (y) => [np.sum(y), y],
          backward: (y, dy) => [np.multiply(np.full(y.shape, c), dy)],
        }),
    ],
    [
      "arrays of a custom vjp's rule",
      (c) => {
        const a = np.full([3], c);
        return customVjp((y: Value) => np.sum(y), {
          forward: (y) => [np.sum(y), y],
          backward: (_, dy) => [np.multiply(a, dy)],
        });
      },
    ],
    [
      "a custom jvp's rule",
      (c) =>
        customJvp(
          (y: Value) => np.sum(y),
          ([y], [dy]) => [np.sum(y), np.multiply(np.sum(dy), c)],
        ),
    ],
    ["a checkpoint's body", (c) => checkpoint((y: Value) => np.sum(np.multiply(y, c)))],
    [
      "a loop's body",
      (c) => (y) =>
        scan((sum, each: Value) => [np.add(sum, np.multiply(each, c)), null], np.array(0), y)[0],
    ],
  ])("has a derivative of its own: other %s", (_, functionOf) => {
    for (let round = 0; round < 2; round++) {
      for (const factor of factors) {
        expect(grad(functionOf(factor))(x()).toArray()).toEqual([factor, factor, factor]);
        const [, pullBack] = vjp(functionOf(factor), x());
        expect(pullBack(np.array(2))[0].toArray()).toEqual([2 * factor, 2 * factor, 2 * factor]);
      }
    }
  });
});
