import * as lax from "reformax/lax";
import * as np from "reformax/numpy";
import { call, callNamed, type Table } from "./check.ts";
import { control } from "./control.ts";
import {
  allowing,
  array,
  arrays,
  axes,
  axis,
  count,
  dtype,
  optional,
  options,
  record,
  shape,
  value,
  whole,
  wholes,
} from "./kinds.ts";

const x = array("x", [1, 2]);
const matrix = array("x", [
  [1, 2],
  [3, 4],
]);
const bools = array("x", [true, false]);
const integers = array("x", np.array([1, 2], "i32"));
const position = array("start", 0);
const fixed = lax.toFixed([1, 2]);
const anAxis = optional(axis("axis", 0));
const unary = call(x);
const reduction = call(x, axes("axes", [0]));
const fixedPair = call(value("x", fixed), value("y", fixed));

export const table: Table = {
  ...control,
  bitcastConvertType: call(x, dtype("dtype", "i32")),
  broadcastInDim: call(x, shape("shape", [3, 2]), wholes("axes", [1])),
  clamp: call(array("low", 0), x, array("high", 1)),
  concatenate: call(arrays("arrays", [[1], [2]]), anAxis),
  convertElementType: callNamed("astype", x, dtype("dtype", "i32")),
  dotGeneral: call(
    x,
    x,
    record("spec", { lhsBatch: [], rhsBatch: [], lhsContract: [0], rhsContract: [0] }),
  ),
  dynamicIndexInDim: call(x, position, anAxis, options({ keepDims: true })),
  dynamicSlice: call(x, arrays("starts", [0]), shape("sizes", [1])),
  dynamicSliceInDim: call(x, position, count("size", 1), anAxis),
  dynamicUpdateSlice: call(x, array("update", [1]), arrays("starts", [0])),
  dynamicUpdateSliceInDim: call(x, array("update", [1]), position, anAxis),
  erf: unary,
  erfInv: unary,
  expandDims: call(x, axes("axis", 0)),
  fixedAdd: fixedPair,
  fixedSub: fixedPair,
  fromFixed: call(value("x", fixed)),
  gather: call(x, array("indices", [0]), optional(count("batchDims", 0))),
  iota: call(dtype("dtype", "i32"), shape("shape", [2]), anAxis),
  logistic: unary,
  offload: unary,
  pad: call(
    x,
    array("value", 0),
    wholes("low", [1]),
    wholes("high", [1]),
    optional(wholes("interior", [0])),
  ),
  reduceAnd: call(bools, axes("axes", [0])),
  reduceMax: reduction,
  reduceMin: reduction,
  reduceOr: call(bools, axes("axes", [0])),
  reduceProduct: reduction,
  reduceSum: reduction,
  reshape: call(x, shape("shape", [2, 1])),
  rev: call(x, axes("axes", [0])),
  rsqrt: unary,
  scatterAdd: call(
    x,
    array("indices", [0]),
    array("updates", [1]),
    optional(count("batchDims", 0)),
  ),
  select: callNamed("where", bools, x, x),
  shiftRightLogical: call(integers, integers),
  slice: call(x, wholes("start", [0]), wholes("limit", [1]), optional(wholes("strides", [1]))),
  sliceInDim: call(x, whole("start", 0), whole("limit", 1), anAxis),
  sortKeyValue: call(x, x, anAxis),
  squeeze: call(array("x", [[1], [2]]), optional(axes("axis", 1))),
  stopGradient: unary,
  toFixed: call(x, optional(count("fractionBits", 20))),
  topK: call(x, count("k", 1)),
  transpose: call(matrix, optional(allowing(wholes("permutation", [1, 0])))),
};
