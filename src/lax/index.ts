/** Structured primitives: contractions, slicing at traced positions, fixed point, control flow. */
export type { ContractSpec } from "../ir/lowering.ts";
export { concatenate, expandDims, reshape, squeeze, transpose } from "../numpy/index.ts";
export {
  cond,
  foriLoop,
  map,
  scan,
  switchCase,
  whileLoop,
  type ScanOptions,
} from "../transforms/index.ts";
export {
  bitcastConvertType,
  clamp,
  convertElementType,
  erf,
  erfInv,
  logistic,
  rsqrt,
  select,
  shiftRightLogical,
  stopGradient,
} from "./elementwise.ts";
export { defaultFractionBits, fixedAdd, fixedSub, fromFixed, toFixed } from "./fixed-point.ts";
export { offload } from "./memory.ts";
export {
  reduceAnd,
  reduceMax,
  reduceMin,
  reduceOr,
  reduceProduct,
  reduceSum,
  sortKeyValue,
  topK,
} from "./reductions.ts";
export {
  dynamicIndexInDim,
  dynamicSlice,
  dynamicSliceInDim,
  dynamicUpdateSlice,
  dynamicUpdateSliceInDim,
  slice,
  sliceInDim,
} from "./slicing.ts";
export { broadcastInDim, dotGeneral, gather, iota, pad, rev, scatterAdd } from "./structure.ts";
