import { avalOf, type Aval } from "../../core/aval.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { definePrimitive, type BatchAxis } from "../../ir/primitive.ts";
import { addTangents } from "../../ir/tangents.ts";
import { mappedAt } from "../batch-axes.ts";
import { expectDType, expectRankFrom, expectShape } from "../operand-checks.ts";
import { rowsOf } from "../../ir/layouts.ts";
import { alongRow, rowMean, rowShare } from "./row-values.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly layerNorm: LayerNormParams;
  }
}

interface LayerNormParams {
  /** Added to the variance under the root. */
  readonly epsilon: number;
}

const name = "layerNorm";

export function checkNormOperands(where: string, x: Aval, gamma: Aval): void {
  expectDType(where, "x", x, ["f32"]);
  expectRankFrom(where, "x", x, 1);
  expectDType(where, "gamma", gamma, ["f32"]);
  expectShape(where, "gamma", gamma, [x.shape[x.shape.length - 1]]);
}

/**
 * Layer normalisation of the last axis: x[..., d], gamma[d], beta[d] to y[..., d], mean[...], rstd[...] with
 * y = (x - mean) rstd gamma + beta, rstd = 1 / sqrt(variance + epsilon), the variance biased. Ba et al. 2016.
 */
export const layerNorm = definePrimitive<LayerNormParams>({
  name,
  abstractEval: ([x, gamma, beta]) => {
    checkNormOperands(name, x, gamma);
    expectDType(name, "beta", beta, ["f32"]);
    expectShape(name, "beta", beta, gamma.shape);
    const statistics = avalOf("f32", x.shape.slice(0, -1));
    return [avalOf("f32", x.shape), statistics, statistics];
  },
  jvp: "byDecomposition",
  vjp: {
    forward: ([x, gamma, beta], params) => {
      const [y, mean, rstd] = ops.bindNamed(name, [x, gamma, beta], params);
      return { outputs: [y, mean, rstd], residuals: [x, gamma, mean, rstd] };
    },
    backward: ([x, gamma, mean, rstd], [dy, dMean, dRstd]) => {
      const ofStatistics = addTangents(
        dMean && alongRow(ops.scale(dMean, rowShare(x)), x),
        dRstd && ofRstd(x, mean, rstd, dRstd),
      );
      if (!dy) return [ofStatistics, undefined, undefined];
      const [dx, dGamma, dBeta] = ops.bindNamed("layerNormBackward", [x, gamma, mean, rstd, dy]);
      return [addTangents(dx, ofStatistics), dGamma, dBeta];
    },
  },
  transpose: "nonLinear",
  batch: ([x, gamma, beta], [xAxis, gammaAxis, betaAxis], params, size) => {
    const mapped = mappedAt(x, xAxis, 0, size);
    const scaleAndShift = gammaAxis !== undefined || betaAxis !== undefined;
    if (!scaleAndShift) {
      return { values: ops.bindNamed(name, [mapped, gamma, beta], params), axes: [0, 0, 0] };
    }
    // The kernel knows one scale and shift: normalise with 1 and 0, then apply those of each example.
    const width = mapped.shape[mapped.shape.length - 1];
    const plain = [ops.full([width], 1, "f32"), ops.full([width], 0, "f32")];
    const [normed, mean, rstd] = ops.bindNamed(name, [mapped, ...plain], params);
    const spread = (value: Value, axis: BatchAxis): Value => {
      const perExample = mappedAt(value, axis, 0, size);
      return ops.broadcastInDim(perExample, normed.shape, [0, normed.shape.length - 1]);
    };
    const y = ops.add(ops.mul(normed, spread(gamma, gammaAxis)), spread(beta, betaAxis));
    return { values: [y, mean, rstd], axes: [0, 0, 0] };
  },
  lower: {
    kind: "kernel",
    // Sum; difference, square, sum; difference, product, scale, shift.
    flops: (_params, [x]) => 8 * sizeOf(x.shape),
  },
  reference: ([x, gamma, beta], [y, mean, rstd], { epsilon }) => {
    const { rows, width } = rowsOf(x.aval);
    for (let row = 0; row < rows; row++) {
      const values = x.words.subarray(row * width, (row + 1) * width);
      let sum = 0;
      for (const value of values) sum += value;
      const average = sum / width;
      let squares = 0;
      for (const value of values) squares += (value - average) * (value - average);
      const scale = 1 / Math.sqrt(squares / width + epsilon);
      mean.words[row] = average;
      rstd.words[row] = scale;
      values.forEach((value, i) => {
        y.words[row * width + i] = (value - average) * scale * gamma.words[i] + beta.words[i];
      });
    }
  },
  decompose: ([x, gamma, beta], { epsilon }) => {
    const { normed, mean, rstd } = normalize(x, epsilon);
    const last = x.shape.length - 1;
    const spread = (value: Value): Value => ops.broadcastInDim(value, x.shape, [last]);
    return [ops.add(ops.mul(normed, spread(gamma)), spread(beta)), mean, rstd];
  },
});

/** What the cotangent of rstd makes that of x: -rstd^3 (x - mean) / d times it. */
function ofRstd(x: Value, mean: Value, rstd: Value, dRstd: Value): Value {
  const cube = ops.mul(ops.mul(rstd, rstd), rstd);
  const slope = ops.scale(ops.mul(dRstd, cube), -rowShare(x));
  return ops.mul(alongRow(slope, x), ops.sub(x, alongRow(mean, x)));
}

function normalize(x: Value, epsilon: number): { normed: Value; mean: Value; rstd: Value } {
  const mean = rowMean(x);
  const centred = ops.sub(x, alongRow(mean, x));
  const variance = rowMean(ops.mul(centred, centred));
  const root = ops.sqrt(ops.add(variance, ops.fullLike(variance, epsilon)));
  const rstd = ops.div(ops.fullLike(root, 1), root);
  return { normed: ops.mul(centred, alongRow(rstd, x)), mean, rstd };
}
