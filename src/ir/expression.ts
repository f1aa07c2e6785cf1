import type { DType } from "../core/dtype.ts";

/**
 * Scalar expressions: the meaning of an elementwise operation, stated once. The reference backend
 * evaluates them in JavaScript, the tile VM runs them on WASM, WGSL is printed from them.
 * The scalar type of q32 values is i32.
 */
export type ScalarType = "f32" | "i32" | "u32" | "bool";

export type Expression = InputExpression | ConstantExpression | ApplyExpression;

/** The element of operand number `index`. */
export interface InputExpression {
  readonly kind: "input";
  readonly index: number;
  readonly type: ScalarType;
}

export interface ConstantExpression {
  readonly kind: "constant";
  readonly value: number;
  readonly type: ScalarType;
}

export interface ApplyExpression {
  readonly kind: "apply";
  readonly op: ScalarOp;
  /** Type of the result. */
  readonly type: ScalarType;
  readonly operands: readonly Expression[];
}

/**
 * Every scalar operation with its signature: operand types, then the result type. Names end in the
 * type they work on. Semantics (identical bits on every backend):
 * - f32 arithmetic rounds each operation to nearest even; no fused multiply-add.
 * - minF32/maxF32 return NaN if either operand is NaN; -0 < +0.
 * - roundF32 rounds half to even; signF32 keeps NaN and signed zero.
 * - i32/u32 arithmetic wraps; divI32 truncates, x/0 = -1 (all bits set), INT_MIN/-1 = INT_MIN;
 *   remI32 has the sign of the dividend, x%0 = x; the u32 forms follow (x/0 = 2^32-1, x%0 = x).
 * - shifts by 32 or more give 0 (arithmetic right shift: the sign).
 * - f32ToI32/f32ToU32 truncate and saturate, NaN gives 0; i32ToF32/u32ToF32 round to nearest even.
 * - roundToI32 rounds half to even, then saturates, NaN gives INT_MIN (q32's quantisation).
 * - exp is exactly 0 below -87 (inputs whose result would be denormal); the transcendental
 *   functions are ours, accurate to the bounds stated in their tests.
 */
export const scalarOps = {
  addF32: ["f32", "f32", "f32"],
  subF32: ["f32", "f32", "f32"],
  mulF32: ["f32", "f32", "f32"],
  divF32: ["f32", "f32", "f32"],
  minF32: ["f32", "f32", "f32"],
  maxF32: ["f32", "f32", "f32"],
  negF32: ["f32", "f32"],
  absF32: ["f32", "f32"],
  signF32: ["f32", "f32"],
  sqrtF32: ["f32", "f32"],
  floorF32: ["f32", "f32"],
  ceilF32: ["f32", "f32"],
  roundF32: ["f32", "f32"],
  truncF32: ["f32", "f32"],
  remF32: ["f32", "f32", "f32"],
  expF32: ["f32", "f32"],
  expm1F32: ["f32", "f32"],
  logF32: ["f32", "f32"],
  log1pF32: ["f32", "f32"],
  sinF32: ["f32", "f32"],
  cosF32: ["f32", "f32"],
  tanhF32: ["f32", "f32"],
  erfF32: ["f32", "f32"],
  erfInvF32: ["f32", "f32"],
  logisticF32: ["f32", "f32"],
  powF32: ["f32", "f32", "f32"],
  atan2F32: ["f32", "f32", "f32"],
  eqF32: ["f32", "f32", "bool"],
  neF32: ["f32", "f32", "bool"],
  ltF32: ["f32", "f32", "bool"],
  leF32: ["f32", "f32", "bool"],
  gtF32: ["f32", "f32", "bool"],
  geF32: ["f32", "f32", "bool"],
  addI32: ["i32", "i32", "i32"],
  subI32: ["i32", "i32", "i32"],
  mulI32: ["i32", "i32", "i32"],
  divI32: ["i32", "i32", "i32"],
  remI32: ["i32", "i32", "i32"],
  minI32: ["i32", "i32", "i32"],
  maxI32: ["i32", "i32", "i32"],
  negI32: ["i32", "i32"],
  absI32: ["i32", "i32"],
  signI32: ["i32", "i32"],
  andI32: ["i32", "i32", "i32"],
  orI32: ["i32", "i32", "i32"],
  xorI32: ["i32", "i32", "i32"],
  notI32: ["i32", "i32"],
  shlI32: ["i32", "i32", "i32"],
  shrI32: ["i32", "i32", "i32"],
  eqI32: ["i32", "i32", "bool"],
  neI32: ["i32", "i32", "bool"],
  ltI32: ["i32", "i32", "bool"],
  leI32: ["i32", "i32", "bool"],
  gtI32: ["i32", "i32", "bool"],
  geI32: ["i32", "i32", "bool"],
  addU32: ["u32", "u32", "u32"],
  subU32: ["u32", "u32", "u32"],
  mulU32: ["u32", "u32", "u32"],
  divU32: ["u32", "u32", "u32"],
  remU32: ["u32", "u32", "u32"],
  minU32: ["u32", "u32", "u32"],
  maxU32: ["u32", "u32", "u32"],
  signU32: ["u32", "u32"],
  andU32: ["u32", "u32", "u32"],
  orU32: ["u32", "u32", "u32"],
  xorU32: ["u32", "u32", "u32"],
  notU32: ["u32", "u32"],
  shlU32: ["u32", "u32", "u32"],
  shrU32: ["u32", "u32", "u32"],
  eqU32: ["u32", "u32", "bool"],
  neU32: ["u32", "u32", "bool"],
  ltU32: ["u32", "u32", "bool"],
  leU32: ["u32", "u32", "bool"],
  gtU32: ["u32", "u32", "bool"],
  geU32: ["u32", "u32", "bool"],
  andBool: ["bool", "bool", "bool"],
  orBool: ["bool", "bool", "bool"],
  xorBool: ["bool", "bool", "bool"],
  notBool: ["bool", "bool"],
  selectF32: ["bool", "f32", "f32", "f32"],
  selectI32: ["bool", "i32", "i32", "i32"],
  selectU32: ["bool", "u32", "u32", "u32"],
  selectBool: ["bool", "bool", "bool", "bool"],
  f32ToI32: ["f32", "i32"],
  f32ToU32: ["f32", "u32"],
  i32ToF32: ["i32", "f32"],
  u32ToF32: ["u32", "f32"],
  i32ToU32: ["i32", "u32"],
  u32ToI32: ["u32", "i32"],
  boolToF32: ["bool", "f32"],
  boolToI32: ["bool", "i32"],
  boolToU32: ["bool", "u32"],
  f32ToBool: ["f32", "bool"],
  i32ToBool: ["i32", "bool"],
  u32ToBool: ["u32", "bool"],
  bitsF32ToU32: ["f32", "u32"],
  bitsU32ToF32: ["u32", "f32"],
  roundToI32: ["f32", "i32"],
} as const satisfies Record<string, readonly ScalarType[]>;

export type ScalarOp = keyof typeof scalarOps;

export const scalarTypeOf = (dtype: DType): ScalarType =>
  dtype === "f32" || dtype === "u32" || dtype === "bool" ? dtype : "i32";

export const inputExpression = (index: number, type: ScalarType): InputExpression => ({
  kind: "input",
  index,
  type,
});

export const constantExpression = (value: number, type: ScalarType): ConstantExpression => ({
  kind: "constant",
  value,
  type,
});

/** Applies `op`; operand types are checked against its signature. */
export function applyOp(op: ScalarOp, ...operands: readonly Expression[]): ApplyExpression {
  const signature: readonly ScalarType[] = scalarOps[op];
  const expected = signature.slice(0, -1);
  const got = operands.map((operand) => operand.type);
  if (expected.join() !== got.join()) {
    throw new TypeError(`${op} takes (${expected.join()}), got (${got.join()})`);
  }
  return { kind: "apply", op, type: signature[signature.length - 1], operands };
}
