import { describe, expect, it } from "vitest";
import type { Words } from "../../../src/core/dtype.ts";
import { stridesOf, type Shape } from "../../../src/core/shape.ts";
import {
  applyOp,
  inputExpression,
  scalarOps,
  type ScalarOp,
  type ScalarType,
} from "../../../src/ir/expression.ts";
import { uniforms } from "../../ir/scalar/oracle.ts";
import { checkCluster, firstDifference, wordsFor } from "./tile-reference.ts";

const floatEdges = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  -3,
  2,
  7,
  1e-45,
  -1e-45,
  1e-40,
  1.1754944e-38,
  -1.1754944e-38,
  3.4028235e38,
  -3.4028235e38,
  Infinity,
  -Infinity,
  NaN,
  16777216,
  16777217,
  8388607.5,
  -8388608.5,
  2147483648,
  -2147483648,
  2147483520,
  4294967296,
  4294967040,
  1e10,
  -1e10,
  1e30,
  87,
  -87,
  -87.00001,
  88.72283,
  88.72284,
  -103,
  0.625,
  -0.625,
  0.9999999,
  -0.9999999,
  1.0000001,
  3.1415927,
  1.5707964,
  1e5,
  6.25,
  1e-8,
  3.92,
  355,
];
const intEdges = [
  0, 1, -1, 2, -2, 3, 7, -7, 31, 32, 33, 100, -31, 127, 65535, 65536, 16777217, 2147483647,
  -2147483648, -2147483647, 1073741824, 0x7f800000, 0x7fc00000, 0x3f800000, -0x800000,
];

/** Any bit pattern: for floats all magnitudes, denormals, infinities and NaNs. */
function randomWords(type: ScalarType, count: number, seed: number): Words {
  const random = uniforms(seed);
  const words = wordsFor(type, count);
  const bits = new Int32Array(words.buffer);
  for (let i = 0; i < count; i++) {
    bits[i] = type === "bool" ? (random() < 0.5 ? 1 : 0) : random() * 2 ** 32;
    if (type === "f32" && i % 2 === 0) words[i] = (i % 4 === 0 ? 8 : 200) * (random() - 0.5);
  }
  return words;
}

const edges = (type: ScalarType): readonly number[] =>
  type === "f32" ? floatEdges : type === "bool" ? [0, 1] : intEdges;

/** Every combination of edge values for up to two operands, then random ones. */
function operandsOf(types: readonly ScalarType[], random: number): readonly Words[] {
  const lists = types.map(edges);
  const inner = lists.slice(1).map((list) => list.length);
  const size = Math.min(
    lists.reduce((n, list) => n * list.length, 1),
    4000,
  );
  return types.map((type, k) => {
    const below = inner.slice(k).reduce((n, length) => n * length, 1);
    const grid = Array.from(
      { length: size },
      (_, i) => lists[k][Math.floor(i / below) % lists[k].length],
    );
    return wordsFor(type, [...grid, ...randomWords(type, random, 100 + k)]);
  });
}

const contiguous = (shape: Shape) => ({ offset: 0, strides: stridesOf(shape) });

describe("every scalar operation has the bits of its formula", () => {
  for (const op of Object.keys(scalarOps) as ScalarOp[]) {
    it(op, () => {
      const types: readonly ScalarType[] = scalarOps[op].slice(0, -1);
      const inputs = operandsOf(types, 3001);
      const shape = [inputs[0].length];
      const expression = applyOp(op, ...types.map((type, i) => inputExpression(i, type)));
      const cluster = {
        shape,
        inputs: types.map((type) => ({ type, view: contiguous(shape) })),
        outputs: [expression],
      };
      expect(inputs[0].length).toBeGreaterThan(3000);
      checkCluster(cluster, inputs);
    });
  }
});

it("the comparison sees signs of zero and single bits, and takes all NaNs as equal", () => {
  const plain = wordsFor("f32", [1, 0, NaN, 3]);
  const other = (at: number, value: number): Words =>
    wordsFor(
      "f32",
      Array.from(plain, (x, i) => (i === at ? value : x)),
    );
  expect(firstDifference(plain, other(1, -0))).toBe(1);
  expect(firstDifference(plain, other(3, 3.0000002))).toBe(3);
  const payload = plain.slice();
  new Int32Array(payload.buffer)[2] = 0x7fc00123;
  expect(firstDifference(plain, payload)).toBe(-1);
});
