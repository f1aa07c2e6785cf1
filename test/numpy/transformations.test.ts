/** The array API under the transformations: derivatives, mapping and compiling of its compositions. */
import { expect, test } from "vitest";
import { grad, jit, vmap, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { expectClose, expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { expectDerivatives } from "../support/derivatives.ts";
import { build, counting } from "../support/grid.ts";

/** Numbers between 0.3 and 2.2, no two alike, so that order and signs do not change nearby. */
const x = build([3, 4], ([i, j]) => 0.3 + (((i * 4 + j) * 5) % 12) * 0.17);
const other = counting([4, 2]);
const indices = np.array([2, 0, 2], "i32");

const functions: [string, (y: Value) => Value][] = [
  ["matmul", (y) => np.matmul(y, other)],
  ["matmul, batched", (y) => np.matmul(np.reshape(y, [3, 2, 2]), np.reshape(y, [3, 2, 2]))],
  ["outer", (y) => np.outer(np.index(y, 0), np.index(y, 1))],
  ["einsum", (y) => np.einsum("ij,ik->jk", y, y)],
  ["einsum, diagonal", (y) => np.einsum("ii,ij->j", np.index(y, np.slice(), np.slice(0, 3)), y)],
  ["cumsum", (y) => np.cumsum(y, 1)],
  ["cumprod", (y) => np.cumprod(y, 1)],
  ["diff", (y) => np.diff(y, 2)],
  [
    "pad and roll",
    (y) =>
      np.roll(
        np.pad(y, [
          [1, 0],
          [0, 2],
        ]),
        3,
        1,
      ),
  ],
  ["repeat and tile", (y) => np.tile(np.repeat(y, 2, 0), [1, 2])],
  ["take", (y) => np.take(y, indices, 1)],
  [
    "takeAlongAxis",
    (y) =>
      np.takeAlongAxis(
        y,
        [
          [3, 1],
          [0, 0],
          [2, 2],
        ],
        1,
      ),
  ],
  ["sort, descending", (y) => np.sort(y, 0, { descending: true })],
  ["index, backwards", (y) => np.index(y, np.slice(undefined, undefined, -2), np.slice(1))],
  ["index, array", (y) => np.index(y, indices, 1)],
  ["at.set", (y) => np.at(y, 1, np.slice(0, 4, 2)).set(np.index(y, 0, np.slice(0, 2)))],
  ["at.add, array", (y) => np.at(y, indices).add(np.square(y))],
  ["where and maximum", (y) => np.where(np.greater(y, 1), np.square(y), np.maximum(y, 0.5))],
  ["power", (y) => np.add(np.power(y, -2), np.power(2, y))],
  ["max and min", (y) => np.multiply(np.max(y, 0), np.min(y))],
  ["prod", (y) => np.prod(y, 1)],
  ["std", (y) => np.std(y, 1)],
  ["logaddexp", (y) => np.logaddexp(y, np.flip(y, 0))],
  ["hyperbolic", (y) => np.add(np.sinh(y), np.cosh(y))],
  ["inverse trigonometric", (y) => np.add(np.arctan2(y, 2), np.arcsin(np.divide(y, 3)))],
  ["split and stack", (y) => np.stack(np.split(y, 2, 1), 0)],
  [
    "diagonal, tril and trace",
    (y) => np.add(np.multiply(np.trace(y), np.tril(y)), np.sum(np.diagonal(y, 1))),
  ],
];

describeBackends("transformations of the array API", () => {
  test.each(functions)("%s: derivatives", (_name, f) => {
    expectDerivatives(f, x);
  });

  test.each(functions)("%s: compiled gives the same bits", (name, f) => {
    expectSameBits(jit(f)(x), f(x), name);
  });

  test.each(functions)("%s: mapped equals one by one", (name, f) => {
    const examples = [x, np.multiply(x, 0.5), np.add(np.flip(x, 0), 0.1)];
    const mapped = vmap(f)(np.stack(examples));
    examples.forEach((example, i) => {
      const close = { absolute: 1e-6, relative: 1e-6 };
      expect(np.index(mapped, i).shape).toEqual(f(example).shape);
      expectClose(
        np.index(mapped, i).dataSync(),
        f(example).dataSync(),
        close,
        `${name}, example ${i}`,
      );
    });
  });

  test("logaddexp curves at ties, and its slopes know infinities and NaN", () => {
    const f = (a: Value): Value => np.sum(np.logaddexp(a, 1));
    const slope = grad(f);
    const curvature = grad((a: Value) => np.sum(slope(a)));
    expect(curvature(np.array([1, 1])).toArray()).toEqual([0.25, 0.25]);
    expect(grad((a: Value) => np.sum(curvature(a)))(np.array([1])).toArray()).toEqual([0]);
    expect(slope(np.array([Infinity, -Infinity, NaN])).toArray()).toEqual([1, 0, NaN]);
    expect(grad((a: Value) => np.logaddexp(a, Infinity))(np.array(Infinity)).item()).toBe(0.5);
  });
});
