import * as np from "reformax/numpy";
import { call, callNamed, returning, type Table } from "./check.ts";
import {
  allowing,
  array,
  arrays,
  axes,
  axis,
  besides,
  count,
  dtype,
  number,
  optional,
  options,
  shape,
  text,
  whole,
  wholes,
} from "./kinds.ts";

const x = array("x", [1, 2]);
const y = array("y", [3, 4]);
const matrix = array("x", [
  [1, 2],
  [3, 4],
]);
const integers = array("x", np.array([1, 2], "i32"));
const shift = array("y", np.array([1, 2], "i32"));
const anAxis = optional(axis("axis", 0));
const someAxes = optional(axes("axis", 0));
const aDType = optional(dtype("dtype", "f32"));
const offset = optional(whole("offset", 0));
const keepDims = options({ keepDims: true });
const correction = options({ keepDims: true, correction: 1 });
const descending = options({ descending: true });

const unary = call(x);
const binary = call(x, y);
const ofIntegers = call(integers, shift);
const reduction = call(matrix, someAxes, keepDims);
const order = call(matrix, optional(axis("axis", 0)), descending);

export const table: Table = {
  abs: unary,
  add: binary,
  all: reduction,
  allclose: call(x, y, options({ relative: 1, absolute: 1, equalNaN: true }, "tolerance")),
  any: reduction,
  arange: call(
    number("start", 0),
    optional(number("stop", 3)),
    optional(number("step", 1)),
    aDType,
  ),
  arccos: unary,
  arcsin: unary,
  arctan: unary,
  arctan2: binary,
  argmax: call(matrix, someAxesOfOne(), keepDims),
  argmin: call(matrix, someAxesOfOne(), keepDims),
  argsort: order,
  array: call(x, aDType),
  arrayEqual: binary,
  astype: call(x, dtype("dtype", "i32")),
  at: returning(call(x, selector()), {
    add: call(array("value", 1)),
    get: call(),
    set: call(array("value", 1)),
  }),
  bitwiseAnd: ofIntegers,
  bitwiseNot: call(integers),
  bitwiseOr: ofIntegers,
  bitwiseXor: ofIntegers,
  broadcastTo: call(x, shape("shape", [3, 2])),
  ceil: unary,
  clip: call(x, optional(array("low", 0)), optional(array("high", 1))),
  concatenate: call(arrays("arrays", [[1], [2]]), anAxis),
  cos: unary,
  cosh: unary,
  cumprod: call(matrix, anAxis),
  cumsum: call(matrix, anAxis),
  diag: call(x, offset),
  diagonal: call(matrix, offset, anAxis, optional(axis("axis2", 1))),
  diff: call(x, optional(count("order", 1)), anAxis),
  div: callNamed("divide", x, y),
  divide: binary,
  dot: binary,
  einsum: call(text("subscripts", "i,i->"), x, y),
  equal: binary,
  exp: unary,
  exp2: unary,
  expandDims: call(x, axes("axis", 0)),
  expm1: unary,
  eye: call(count("rows", 2), optional(count("columns", 2)), offset, aDType),
  flip: call(matrix, someAxes),
  floor: unary,
  floorDivide: binary,
  fmod: binary,
  full: call(shape("shape", [2]), array("value", 1), aDType),
  fullLike: call(x, array("value", 1), aDType),
  greater: binary,
  greaterEqual: binary,
  identity: call(count("size", 2), aDType),
  index: call(x, selector()),
  inner: binary,
  isFinite: unary,
  isInf: unary,
  isNaN: unary,
  leftShift: ofIntegers,
  less: binary,
  lessEqual: binary,
  linspace: call(
    number("start", 0),
    number("stop", 1),
    optional(count("count", 3)),
    options({ endpoint: true }),
  ),
  log: unary,
  log10: unary,
  log1p: unary,
  log2: unary,
  logaddexp: binary,
  logicalAnd: binary,
  logicalNot: unary,
  logicalOr: binary,
  logicalXor: binary,
  matmul: binary,
  max: reduction,
  maximum: binary,
  mean: reduction,
  min: reduction,
  minimum: binary,
  moveaxis: call(matrix, axes("source", 0), axes("destination", 1)),
  mul: callNamed("multiply", x, y),
  multiply: binary,
  neg: callNamed("negative", x),
  negative: unary,
  notEqual: binary,
  ones: call(shape("shape", [2]), aDType),
  onesLike: call(x, aDType),
  outer: binary,
  pad: call(
    x,
    besides(wholes("widths", [1, 1]), { options: { value: 7 } }),
    optional(array("value", 7)),
  ),
  pow: callNamed("power", x, y),
  power: binary,
  prod: reduction,
  ravel: unary,
  reciprocal: unary,
  remainder: binary,
  repeat: call(x, count("count", 2), anAxis),
  reshape: call(x, shape("shape", [2, 1])),
  rightShift: ofIntegers,
  roll: call(x, whole("shift", 1), anAxis),
  round: unary,
  sign: unary,
  sin: unary,
  sinh: unary,
  slice: call(optional(whole("start", 0)), optional(whole("stop", 1)), optional(whole("step", 1))),
  sort: order,
  split: call(x, allowing(count("parts", 2), "list"), anAxis),
  sqrt: unary,
  square: unary,
  squeeze: call(array("x", [[1], [2]]), optional(axes("axis", 1))),
  stack: call(arrays("arrays", [[1], [2]]), anAxis),
  std: call(matrix, someAxes, correction),
  sub: callNamed("subtract", x, y),
  subtract: binary,
  sum: reduction,
  swapaxes: call(matrix, axis("axis1", 0), axis("axis2", 1)),
  take: call(x, array("indices", 0), anAxis),
  takeAlongAxis: call(x, array("indices", [0, 1]), axis("axis", 0)),
  tan: unary,
  tanh: unary,
  tensordot: call(matrix, matrix, optional(count("axes", 1))),
  tile: call(x, allowing(wholes("repetitions", [2]), "too long")),
  trace: call(matrix, offset),
  transpose: call(matrix, optional(wholes("permutation", [1, 0]))),
  tri: call(count("rows", 2), optional(count("columns", 2)), offset, aDType),
  tril: call(matrix, offset),
  triu: call(matrix, offset),
  trunc: unary,
  variance: call(matrix, someAxes, correction),
  vdot: binary,
  where: call(array("condition", [true, false]), x, y),
  zeros: call(shape("shape", [2]), aDType),
  zerosLike: call(x, aDType),
};

function someAxesOfOne(): ReturnType<typeof axis> {
  return optional(axis("axis", 0));
}

/** One position or one of the other selectors; an object is none, and `null` makes a new axis. */
function selector(): ReturnType<typeof axis> {
  return allowing(
    besides(whole("selector", 0), {
      "list of positions": [0, 1],
      date: new Date(0),
      "beyond the end": 9,
    }),
    "null",
  );
}
