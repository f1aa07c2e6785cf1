/**
 * Operations by name, for rules that are written in terms of other operations. Binding late keeps
 * the primitive files free of import cycles (sin needs cos, cos needs sin).
 */
import type { DType } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";
import { scalarTensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import { bind } from "./interpreter.ts";
import type { ContractSpec } from "./lowering.ts";
import type { ParamsArguments, PrimitiveName } from "./params.ts";
import type { Params } from "./primitive.ts";
import { primitiveNamed } from "./registry.ts";

const none: Params = {};

/** Applies the operation of that name to operands and to its params, if it has any. */
export const bindNamed = <N extends PrimitiveName>(
  name: N,
  operands: readonly Value[],
  ...params: ParamsArguments<N>
): readonly Value[] => bindRecord(name, operands, params[0] ?? none);

/** {@link bindNamed} for rules that serve several operations, with the params that the rule was given. */
export const bindRecord = (
  name: string,
  operands: readonly Value[],
  params: Params,
): readonly Value[] => bind(primitiveNamed(name), operands, params);

const one = <N extends PrimitiveName>(
  name: N,
  operands: readonly Value[],
  ...params: ParamsArguments<N>
): Value => bindNamed(name, operands, ...params)[0];

/** The operations that take operands alone. */
type PlainName = {
  [N in PrimitiveName]: ParamsArguments<N> extends readonly [] ? N : never;
}[PrimitiveName];

const unary = (name: PlainName): ((x: Value) => Value) =>
  withName(name, (x) => bindNamed(name, [x])[0]);
const binary =
  (name: PlainName) =>
  (x: Value, y: Value): Value =>
    bindNamed(name, [x, y])[0];

// Elementwise: operands have equal shapes and (but for select and shifts) equal dtypes.
export const neg = unary("neg");
export const abs = unary("abs");
export const sign = unary("sign");
export const floor = unary("floor");
export const ceil = unary("ceil");
export const round = unary("round");
export const trunc = unary("trunc");
export const exp = unary("exp");
export const expm1 = unary("expm1");
export const log = unary("log");
export const log1p = unary("log1p");
export const sin = unary("sin");
export const cos = unary("cos");
export const tanh = unary("tanh");
export const sqrt = unary("sqrt");
export const erf = unary("erf");
export const erfInv = unary("erfInv");
export const logistic = unary("logistic");
export const not = unary("not");
export const stopGradient = unary("stopGradient");
export const offload = unary("offload");
export const fromFixed = unary("fromFixed");
export const add = binary("add");
export const sub = binary("sub");
export const mul = binary("mul");
export const div = binary("div");
export const rem = binary("rem");
export const pow = binary("pow");
export const atan2 = binary("atan2");
export const max = binary("max");
export const min = binary("min");
export const and = binary("and");
export const or = binary("or");
export const xor = binary("xor");
export const shiftLeft = binary("shiftLeft");
export const shiftRightLogical = binary("shiftRightLogical");
export const shiftRightArithmetic = binary("shiftRightArithmetic");
export const eq = binary("eq");
export const ne = binary("ne");
export const lt = binary("lt");
export const le = binary("le");
export const gt = binary("gt");
export const ge = binary("ge");
export const fixedAdd = binary("fixedAdd");
export const fixedSub = binary("fixedSub");
/** `onTrue` where the bool `which` holds, else `onFalse`; all of one shape. */
export const select = (which: Value, onTrue: Value, onFalse: Value): Value =>
  one("select", [which, onTrue, onFalse]);
export const convert = (x: Value, dtype: DType): Value =>
  x.dtype === dtype ? x : one("convert", [x], { dtype });
export const bitcast = (x: Value, dtype: DType): Value => one("bitcast", [x], { dtype });
export const toFixed = (x: Value, fractionBits: number): Value =>
  one("toFixed", [x], { fractionBits });

// Structure.
export const reshape = (x: Value, shape: Shape): Value => one("reshape", [x], { shape });
export const transpose = (x: Value, permutation: readonly number[]): Value =>
  one("transpose", [x], { permutation });
/** Operand axis i becomes axis `axes[i]` of the result; sizes 1 stretch; the other axes repeat. */
export const broadcastInDim = (x: Value, shape: Shape, axes: readonly number[]): Value =>
  one("broadcastInDim", [x], { shape, axes });
/** Elements start, start + stride, ... below limit, per axis. */
export const slice = (
  x: Value,
  start: readonly number[],
  limit: readonly number[],
  strides?: readonly number[],
): Value => one("slice", [x], { start, limit, strides: strides ?? start.map(() => 1) });
export const reverse = (x: Value, axes: readonly number[]): Value => one("reverse", [x], { axes });
/** `low`/`high` elements of the scalar `value` around (negative trims) and `interior` between. */
export const pad = (
  x: Value,
  value: Value,
  low: readonly number[],
  high: readonly number[],
  interior?: readonly number[],
): Value => one("pad", [x, value], { low, high, interior: interior ?? low.map(() => 0) });
export const concatenate = (parts: readonly Value[], axis: number): Value =>
  one("concatenate", parts, { axis });
/** Starts are i32 scalars, one per axis, clamped so that the slice fits. */
export const dynamicSlice = (x: Value, starts: readonly Value[], sizes: readonly number[]): Value =>
  one("dynamicSlice", [x, ...starts], { sizes });
export const dynamicUpdateSlice = (x: Value, update: Value, starts: readonly Value[]): Value =>
  one("dynamicUpdateSlice", [x, update, ...starts]);
/** x[batch..., n, inner...] at indices[batch..., m...] (i32, clamped) -> [batch..., m..., inner...]. */
export const gather = (x: Value, indices: Value, batchDims = 0): Value =>
  one("gather", [x, indices], { batchDims });
/** x plus updates[batch..., m..., inner...] at rows indices[batch..., m...]; out-of-range rows are dropped. */
export const scatterAdd = (x: Value, indices: Value, updates: Value, batchDims = 0): Value =>
  one("scatterAdd", [x, indices, updates], { batchDims });
export const iota = (dtype: DType, shape: Shape, axis: number): Value =>
  one("iota", [], { dtype, shape, axis });

// Reductions and contractions.
export const reduceSum = (x: Value, axes: readonly number[]): Value =>
  one("reduceSum", [x], { axes });
export const reduceMax = (x: Value, axes: readonly number[]): Value =>
  one("reduceMax", [x], { axes });
export const reduceMin = (x: Value, axes: readonly number[]): Value =>
  one("reduceMin", [x], { axes });
export const reduceProduct = (x: Value, axes: readonly number[]): Value =>
  one("reduceProduct", [x], { axes });
export const reduceAnd = (x: Value, axes: readonly number[]): Value =>
  one("reduceAnd", [x], { axes });
export const reduceOr = (x: Value, axes: readonly number[]): Value =>
  one("reduceOr", [x], { axes });
export const cumSum = (x: Value, axis: number, reversed = false): Value =>
  one("cumSum", [x], { axis, reverse: reversed });
export const dotGeneral = (x: Value, y: Value, spec: ContractSpec): Value =>
  one("dotGeneral", [x, y], spec);

// Constants.
/** A rank-0 constant, written into programs as a literal. */
export const literal = (value: number, dtype: DType): Value => scalarTensor(value, dtype);
/** `value` in every element. */
export const full = (shape: Shape, value: number, dtype: DType): Value =>
  shape.length === 0 ? literal(value, dtype) : broadcastInDim(literal(value, dtype), shape, []);
export const fullLike = (x: Value, value: number): Value => full(x.shape, value, x.dtype);
export const zerosLike = (x: Value): Value => fullLike(x, 0);
/** x * c for a constant c. */
export const scale = (x: Value, c: number): Value => mul(x, fullLike(x, c));
