/** The array API: creation, elementwise functions, reductions, linear algebra, indexing. */
// Makes the operations known and evaluates them, whichever module is imported first.
import "../transforms/index.ts";

export { allclose, arrayEqual, type Tolerance } from "./close.ts";
export {
  add,
  clip,
  divide,
  divide as div,
  floorDivide,
  fmod,
  maximum,
  minimum,
  multiply,
  multiply as mul,
  remainder,
  subtract,
  subtract as sub,
} from "./arithmetic.ts";
export type { ArrayLike, ShapeLike } from "../array/array-like.ts";
export { array, astype } from "./array.ts";
export { at, type Place } from "./at.ts";
export {
  broadcastTo,
  expandDims,
  moveaxis,
  ravel,
  reshape,
  squeeze,
  swapaxes,
  transpose,
} from "./axes.ts";
export { bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor, leftShift, rightShift } from "./bitwise.ts";
export { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./compare.ts";
export { cumprod, cumsum, diff } from "./cumulative.ts";
export { diag, diagonal, eye, identity, trace, tri, tril, triu } from "./diagonals.ts";
export { einsum } from "./einsum.ts";
export {
  exp,
  exp2,
  expm1,
  log,
  log10,
  log1p,
  log2,
  logaddexp,
  reciprocal,
  sqrt,
} from "./exponential.ts";
export { full, fullLike, ones, onesLike, zeros, zerosLike } from "./fill.ts";
export { cosh, sinh, tanh } from "./hyperbolic.ts";
export { index } from "./indexing.ts";
export { concatenate, split, stack } from "./join.ts";
export {
  isFinite,
  isInf,
  isNaN,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
} from "./logical.ts";
export { dot, inner, matmul, outer, tensordot, vdot, type TensordotAxes } from "./matmul.ts";
export { argmax, argmin, argsort, sort, type SortOptions } from "./order.ts";
export { power, power as pow, square } from "./power.ts";
export { arange, linspace } from "./ranges.ts";
export { flip, pad, repeat, roll, tile, type PadWidths } from "./rearrange.ts";
export { all, any, max, min, prod, sum, type Axes, type ReduceOptions } from "./reduce.ts";
export { abs, ceil, floor, negative, negative as neg, round, sign, trunc } from "./rounding.ts";
export { slice, type Selector, type Slice } from "./selectors.ts";
export { mean, std, variance, type VarianceOptions } from "./statistics.ts";
export { take, takeAlongAxis } from "./take.ts";
export { arccos, arcsin, arctan, arctan2, cos, sin, tan } from "./trigonometric.ts";
export { where } from "./where.ts";
