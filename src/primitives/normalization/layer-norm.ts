import { avalOf, type Aval } from "../../core/aval.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { definePrimitive, type BatchAxis } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { expectDType, expectRankFrom, expectShape } from "../operand-checks.ts";
import { rowsOf } from "../../ir/layouts.ts";

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

/** A value per row, repeated along the last axis. */
export const alongRow = (value: Value, like: Value): Value =>
  ops.broadcastInDim(
    value,
    like.shape,
    value.shape.map((_, axis) => axis),
  );

/** Mean along the last axis. */
export const rowMean = (x: Value): Value => {
  const last = x.shape.length - 1;
  return ops.scale(ops.reduceSum(x, [last]), 1 / Math.max(1, x.shape[last]));
};

function normalize(x: Value, epsilon: number): { normed: Value; mean: Value; rstd: Value } {
  const mean = rowMean(x);
  const centred = ops.sub(x, alongRow(mean, x));
  const variance = rowMean(ops.mul(centred, centred));
  const root = ops.sqrt(ops.add(variance, ops.fullLike(variance, epsilon)));
  const rstd = ops.div(ops.fullLike(root, 1), root);
  return { normed: ops.mul(centred, alongRow(rstd, x)), mean, rstd };
}
