/** How each lane operation is written in AssemblyScript, given the names of its operands. */

const call =
  (name) =>
  (...operands) =>
    `${name}(${operands.join(", ")})`;
const same = (a) => a;

/** Operations that SIMD lacks, and the functions of assembly/support/lanes.ts that do them. */
export const laneByLane = new Map([
  ["rem", "remLanes"],
  ["divI", "divideLanes"],
  ["remI", "remainderLanes"],
  ["divU", "divideLanesU"],
  ["remU", "remainderLanesU"],
  ["shiftLeftBy", "shiftLeftLanes"],
  ["shiftRightBy", "shiftRightLanes"],
  ["shiftRightByU", "shiftRightLanesU"],
]);

/** Operations on vectors of four 32-bit lanes. */
export const vectorInstructions = {
  add: call("f32x4.add"),
  sub: call("f32x4.sub"),
  mul: call("f32x4.mul"),
  div: call("f32x4.div"),
  sqrt: call("f32x4.sqrt"),
  neg: call("f32x4.neg"),
  abs: call("f32x4.abs"),
  floor: call("f32x4.floor"),
  ceil: call("f32x4.ceil"),
  trunc: call("f32x4.trunc"),
  nearest: call("f32x4.nearest"),
  min: call("f32x4.min"),
  max: call("f32x4.max"),
  pmin: call("f32x4.pmin"),
  pmax: call("f32x4.pmax"),
  eq: call("f32x4.eq"),
  ne: call("f32x4.ne"),
  lt: call("f32x4.lt"),
  le: call("f32x4.le"),
  addI: call("i32x4.add"),
  subI: call("i32x4.sub"),
  mulI: call("i32x4.mul"),
  negI: call("i32x4.neg"),
  absI: call("i32x4.abs"),
  minI: call("i32x4.min_s"),
  maxI: call("i32x4.max_s"),
  minU: call("i32x4.min_u"),
  maxU: call("i32x4.max_u"),
  andI: call("v128.and"),
  orI: call("v128.or"),
  xorI: call("v128.xor"),
  notI: call("v128.not"),
  shiftLeft: call("i32x4.shl"),
  shiftRight: call("i32x4.shr_s"),
  shiftRightU: call("i32x4.shr_u"),
  eqI: call("i32x4.eq"),
  ltI: call("i32x4.lt_s"),
  ltU: call("i32x4.lt_u"),
  and: call("v128.and"),
  or: call("v128.or"),
  not: call("v128.not"),
  select: (which, onTrue, onFalse) => `v128.bitselect(${onTrue}, ${onFalse}, ${which})`,
  selectI: (which, onTrue, onFalse) => `v128.bitselect(${onTrue}, ${onFalse}, ${which})`,
  zeroWhere: (which, a) => `v128.andnot(${a}, ${which})`,
  nanWhere: (which, a) => `v128.or(${a}, ${which})`,
  bool: (which) => `i32x4.shr_u(${which}, 31)`,
  bits: same,
  fromBits: same,
  toI32: call("i32x4.trunc_sat_f32x4_s"),
  toU32: call("i32x4.trunc_sat_f32x4_u"),
  fromI32: call("f32x4.convert_i32x4_s"),
  fromU32: call("f32x4.convert_i32x4_u"),
  ...Object.fromEntries([...laneByLane].map(([op, name]) => [op, call(name)])),
};

/** Operations on one of the two halves of four f64 values. */
export const wideInstructions = {
  addD: call("f64x2.add"),
  subD: call("f64x2.sub"),
  mulD: call("f64x2.mul"),
  divD: call("f64x2.div"),
  floorD: call("f64x2.floor"),
  pminD: call("f64x2.pmin"),
  pmaxD: call("f64x2.pmax"),
};

/** The low and the high two of four f32 lanes as f64. */
export const widen = {
  low: (a) => `f64x2.promote_low_f32x4(${a})`,
  high: (a) => `f64x2.promote_low_f32x4(v128.shuffle<i64>(${a}, ${a}, 1, 0))`,
};

export const narrow = (low, high) =>
  `v128.shuffle<i64>(f32x4.demote_f64x2_zero(${low}), f32x4.demote_f64x2_zero(${high}), 0, 2)`;
