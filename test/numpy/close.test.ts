import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { init } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { i32, normalTensor } from "../support/arrays.ts";

beforeAll(async () => {
  await init("reference");
});

/** Two shapes that broadcast, and what they broadcast to. */
const shapes = fc
  .array(fc.record({ n: fc.nat(4), stretched: fc.constantFrom("left", "right", "none") }), {
    maxLength: 4,
  })
  .chain((axes) => fc.record({ axes: fc.constant(axes), dropped: fc.nat(axes.length) }))
  .map(({ axes, dropped }) => {
    const left = axes.map(({ n, stretched }) => (stretched === "left" ? 1 : n));
    const right = axes.map(({ n, stretched }) => (stretched === "right" ? 1 : n));
    const y = right.slice(dropped);
    const shape = axes.map(({ n }, axis) => (axis < dropped ? left[axis] : n));
    return { x: left, y, shape };
  });

describe("allclose", () => {
  it("compares as if both were broadcast", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), fc.boolean(), ({ x, y, shape }, seed, tight) => {
        const [a, b] = [normalTensor(seed, x), normalTensor(seed + 1, y)];
        const [wide, other] = [np.broadcastTo(a, shape), np.broadcastTo(b, shape)];
        const distances = wide.dataSync().map((value, i) => Math.abs(value - other.dataSync()[i]));
        const largest = Math.max(0, ...distances);
        const absolute = tight ? largest * 0.99 : largest * 1.01;
        expect(np.allclose(a, b, { relative: 0, absolute })).toBe(largest === 0 || !tight);
      }),
    );
  });

  it("compares integers as floats, and refuses shapes that do not broadcast", () => {
    expect(np.allclose(i32([2], [16777217, 1]), [16777216, 1], { relative: 0 })).toBe(true);
    expect(np.allclose(np.array([true, false]), [1, 0])).toBe(true);
    expect(() => np.allclose([1, 2], [1, 2, 3])).toThrow("allclose");
  });
});
