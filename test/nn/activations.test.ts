import { expect, test } from "vitest";
import { grad, type Value } from "../../src/index.ts";
import { array, multiply, sum } from "../../src/numpy/index.ts";
import * as nn from "../../src/nn/index.ts";
import { expectClose } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { expectDerivatives } from "../support/derivatives.ts";
import { counting, reader, spaced } from "../support/grid.ts";

/** erf by its Maclaurin series. */
function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const close = { absolute: 1e-6, relative: 2e-6 };
const points = spaced(-3.1, 2.9, 25);
const scale = (x: Value): Value => multiply(x, 0.3);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describeBackends("activations", () => {
  test.each<[string, (x: Value) => Value, (x: number) => number]>([
    ["relu", nn.relu, (x) => Math.max(0, x)],
    ["leakyRelu", (x) => nn.leakyRelu(x, 0.1), (x) => (x > 0 ? x : 0.1 * x)],
    ["sigmoid", nn.sigmoid, sigmoid],
    ["silu", nn.silu, (x) => x * sigmoid(x)],
    ["softplus", nn.softplus, (x) => Math.log1p(Math.exp(x))],
    [
      "exact gelu",
      (x) => nn.gelu(x, { approximate: false }),
      (x) => (x / 2) * (1 + erf(x * Math.SQRT1_2)),
    ],
    [
      "gelu",
      nn.gelu,
      (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    ],
    ["relu6", nn.activations.relu6, (x) => Math.min(6, Math.max(0, x))],
    ["reluSquared", nn.activations.reluSquared, (x) => Math.max(0, x) ** 2],
    ["elu", nn.activations.elu, (x) => (x > 0 ? x : Math.expm1(x))],
    ["geluQuick", nn.activations.geluQuick, (x) => x * sigmoid(1.702 * x)],
    ["mish", nn.activations.mish, (x) => x * Math.tanh(Math.log1p(Math.exp(x)))],
    [
      "laplace, where the series of erf converges",
      (x) => nn.activations.laplace(scale(x)),
      (x) => (1 + erf((0.3 * x - 0.707107) / (0.282095 * Math.SQRT2))) / 2,
    ],
  ])("%s equals its formula, with derivatives", (name, f, formula) => {
    expectClose(f(points).dataSync(), Array.from(points.dataSync(), formula), close, name);
    expectDerivatives(f, spaced(-2.3, 2.4, 7));
  });

  test("those with bounds keep to them, and elu of a large number is no overflow", () => {
    expect(nn.activations.relu6(array([-2, 5, 7])).toArray()).toEqual([0, 5, 6]);
    expect(nn.activations.geluClipped(array([-50, 3e9, 12])).toArray()).toEqual([-0, 10, 10]);
    expect(nn.activations.elu(array([1e4, -1e4])).toArray()).toEqual([1e4, -1]);
    const slope = grad((x: Value) => sum(nn.activations.elu(x)))(array([1e4, -1e4, 0]));
    expect(slope.toArray()).toEqual([1, 0, 1]);
  });

  test("relu has derivative 0 at 0 and keeps NaN", () => {
    expect(grad((x: Value) => sum(nn.relu(x)))(array([-1, 0, 1])).toArray()).toEqual([0, 0, 1]);
    expect(nn.relu(NaN).item()).toBeNaN();
  });

  test("softplus has the derivatives of its formula at 0", () => {
    const slope = grad((x: Value) => nn.softplus(x));
    expect([0, -200, 200, NaN].map((x) => slope(array(x)).item())).toEqual([0.5, 0, 1, NaN]);
    expect(grad((x: Value) => slope(x))(array(0)).item()).toBe(0.25);
  });

  test("glu halves an axis", () => {
    const x = counting([2, 4]);
    const at = reader(x);
    const expected = [0, 1].flatMap((i) => [0, 1].map((j) => at(i, j) * sigmoid(at(i, j + 2))));
    expectClose(nn.glu(x).dataSync(), expected, close, "glu");
    expect(nn.glu(x, 0).shape).toEqual([1, 4]);
    expect(() => nn.glu([1, 2, 3])).toThrow("divide");
  });
});

describeBackends("softmax", () => {
  const x = counting([3, 4]);
  const rows = [0, 1, 2].map((i) => [0, 1, 2, 3].map((j) => reader(x)(i, j)));
  const normalizers = rows.map((row) => row.reduce((total, value) => total + Math.exp(value), 0));

  test("equals its formula, with derivatives", () => {
    const expected = rows.flatMap((row, i) => row.map((value) => Math.exp(value) / normalizers[i]));
    expectClose(nn.softmax(x).dataSync(), expected, close, "softmax");
    expectClose(nn.logSoftmax(x).dataSync(), expected.map(Math.log), close, "logSoftmax");
    expectClose(nn.logSumExp(x, 1).dataSync(), normalizers.map(Math.log), close, "logSumExp");
    for (const f of [nn.softmax, nn.logSoftmax, nn.logSumExp]) {
      expectDerivatives(
        (y: Value) => f(y, 0),
        array([
          [0.1, 0.7],
          [-0.4, 0.2],
        ]),
      );
    }
  });

  test("shifts do not matter, extremes do not overflow", () => {
    expect(nn.softmax([1e30, 1e30]).toArray()).toEqual([0.5, 0.5]);
    expect(nn.softmax([-Infinity, 0]).toArray()).toEqual([0, 1]);
    expect(nn.logSumExp([-Infinity, -Infinity]).item()).toBe(-Infinity);
    expect(nn.logSumExp([Infinity, 0]).item()).toBe(Infinity);
    expect([nn.softmax([]).shape, nn.softmax(array([[], []])).shape]).toEqual([[0], [2, 0]]);
    expect(nn.logSumExp([]).item()).toBe(-Infinity);
    expect(nn.logSumExp([[-5000, -5000]], -1, { keepDims: true }).shape).toEqual([1, 1]);
  });
});
