import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitsOf, run, runInParts } from "../../support/kernels.ts";
import { randomFloats } from "../../support/random-words.ts";

const scalars = Float32Array.of(1e-3, 0.9, 0.999, 1e-8, 1 / (1 - 0.9 ** 3), 1 / (1 - 0.999 ** 3));
const round = Math.fround;

/** The documented order of roundings. */
function updatedPlainly(p: number, m: number, v: number, g: number): readonly number[] {
  const [lr, b1, b2, eps, correction1, correction2] = scalars;
  const nextM = round(round(b1 * m) + round(round(1 - b1) * g));
  const nextV = round(round(b2 * v) + round(round(round(1 - b2) * g) * g));
  const root = round(Math.sqrt(round(nextV * correction2)));
  const step = round(round(lr * round(nextM * correction1)) / round(root + eps));
  return [round(p - step), nextM, nextV];
}

const stateOf = (count: number, seed: number): Float32Array[] => {
  const [p, m, v, g] = [0, 1, 2, 3].map((i) => randomFloats(count, seed + i));
  return [p, m, v.map(Math.abs), g];
};

describe("adamUpdate", () => {
  test("does Adam's step, in place or not, in any number of parts", () => {
    const counts = fc.constantFrom(0, 1, 3, 4, 5, 64, 65, 257);
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 1000 }), (count, seed) => {
        const state = stateOf(count, seed);
        const apart = [0, 1, 2].map(() => new Float32Array(count));
        const results = runInParts("adamUpdate", [...state, scalars, ...apart], [count], [5, 6, 7]);
        const [p, m, v, g] = state;
        const expected = Array.from(p, (_, i) => updatedPlainly(p[i], m[i], v[i], g[i]));
        const inPlace = run("adamUpdate", [p, m, v, g, scalars, p, m, v], [count]);
        [0, 1, 2].forEach((which) => {
          const column = bitsOf(Float32Array.from(expected, (row) => row[which]));
          expect(bitsOf(results[5 + which])).toEqual(column);
          expect(bitsOf(inPlace[which])).toEqual(column);
        });
      }),
    );
  });
});
