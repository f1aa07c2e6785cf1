/** Values that stand for whole rows of the last axis. */
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";

/** A value per row, repeated along the last axis. */
export const alongRow = (value: Value, like: Value): Value =>
  ops.broadcastInDim(
    value,
    like.shape,
    value.shape.map((_, axis) => axis),
  );

/** Mean along the last axis. */
export const rowMean = (x: Value): Value =>
  ops.scale(ops.reduceSum(x, [x.shape.length - 1]), rowShare(x));

/** 1 / the length of a row. */
export const rowShare = ({ shape }: Value): number => 1 / Math.max(1, shape[shape.length - 1]);
