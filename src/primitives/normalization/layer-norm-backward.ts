import { avalOf } from "../../core/aval.ts";
import type { Params } from "../../ir/primitive.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { definePrimitive, type BatchAxis } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { expectDType, expectShape } from "../operand-checks.ts";
import { checkNormOperands } from "./layer-norm.ts";
import { alongRow, rowMean } from "./row-values.ts";
import { rowsOf } from "../../ir/layouts.ts";

const name = "layerNormBackward";

/** Nine for the sums over a row and over its block, seven for dx. */
const flopsPerElement = 16;

/**
 * Cotangents of layerNorm: x[..., d], gamma[d], mean[...], rstd[...], dy[..., d] to dx[..., d], dgamma[d], dbeta[d]. With n the
 * normalised x and h = dy gamma: dx = rstd (h - mean(h) - n mean(h n)); dgamma and dbeta sum dy n and dy over rows.
 */
export const layerNormBackward = definePrimitive<Params>({
  name,
  abstractEval: ([x, gamma, mean, rstd, dy]) => {
    checkNormOperands(name, x, gamma);
    [mean, rstd].forEach((aval, i) =>
      expectShape(name, i ? "rstd" : "mean", aval, x.shape.slice(0, -1)),
    );
    expectDType(name, "dy", dy, ["f32"]);
    expectShape(name, "dy", dy, x.shape);
    return [avalOf("f32", x.shape), avalOf("f32", gamma.shape), avalOf("f32", gamma.shape)];
  },
  jvp: "byDecomposition",
  vjp: "byDecomposition",
  transpose: "nonLinear",
  // The kernel sums dgamma over all rows; of a batch each example needs its own sum.
  batch: (values, axes, _params, size) => {
    const [x, gamma, mean, rstd, dy] = values.map((value, i) => mappedAt(value, axes[i], 0, size));
    const results = gradients(x, spreadGamma(gamma, x), mean, rstd, dy, 1);
    return { values: results, axes: results.map((): BatchAxis => 0) };
  },
  lower: {
    kind: "kernel",
    inPlace: [[4, 0]],
    flops: (_params, [x]) => flopsPerElement * sizeOf(x.shape),
  },
  reference: ([x, gamma, mean, rstd, dy], [dx, dgamma, dbeta]) => {
    const { rows, width } = rowsOf(x.aval);
    const sums = { gamma: new Float64Array(width), beta: new Float64Array(width) };
    for (let row = 0; row < rows; row++) {
      const at = (i: number): number => row * width + i;
      const normed = (i: number): number => (x.words[at(i)] - mean.words[row]) * rstd.words[row];
      let meanH = 0;
      let meanHn = 0;
      for (let i = 0; i < width; i++) {
        const incoming = dy.words[at(i)];
        meanH += (incoming * gamma.words[i]) / width;
        meanHn += (incoming * gamma.words[i] * normed(i)) / width;
        sums.gamma[i] += incoming * normed(i);
        sums.beta[i] += incoming;
      }
      for (let i = 0; i < width; i++) {
        dx.words[at(i)] =
          rstd.words[row] * (dy.words[at(i)] * gamma.words[i] - meanH - normed(i) * meanHn);
      }
    }
    dgamma.words.set(sums.gamma);
    dbeta.words.set(sums.beta);
  },
  decompose: ([x, gamma, mean, rstd, dy]) => gradients(x, spreadGamma(gamma, x), mean, rstd, dy, 0),
});

/** gamma[d] or gamma[B, d] over x[..., d] or x[B, ..., d]. */
function spreadGamma(gamma: Value, x: Value): Value {
  const last = x.shape.length - 1;
  return ops.broadcastInDim(gamma, x.shape, gamma.shape.length === 1 ? [last] : [0, last]);
}

/** The formulas; `kept` leading axes are not summed in dgamma and dbeta. */
function gradients(
  x: Value,
  gamma: Value,
  mean: Value,
  rstd: Value,
  dy: Value,
  kept: number,
): readonly Value[] {
  const normed = ops.mul(ops.sub(x, alongRow(mean, x)), alongRow(rstd, x));
  const h = ops.mul(dy, gamma);
  const removed = ops.add(
    alongRow(rowMean(h), x),
    ops.mul(normed, alongRow(rowMean(ops.mul(h, normed)), x)),
  );
  const rowAxes = x.shape.map((_, axis) => axis).slice(kept, -1);
  return [
    ops.mul(alongRow(rstd, x), ops.sub(h, removed)),
    ops.reduceSum(ops.mul(dy, normed), rowAxes),
    ops.reduceSum(dy, rowAxes),
  ];
}
