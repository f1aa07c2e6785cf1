import type { WideLanes } from "./lanes.ts";

/**
 * One lane in JavaScript: f32 as rounded numbers, integers as signed i32. Rounding a double
 * result of + - * / sqrt of f32 operands gives the correctly rounded f32 (double rounding is
 * harmless there: 53 >= 2 * 24 + 2).
 */
export const numberLanes: WideLanes<number, number, number, boolean> = {
  f32: Math.fround,
  i32: (value) => value | 0,
  f64: (value) => value,

  add: (a, b) => Math.fround(a + b),
  sub: (a, b) => Math.fround(a - b),
  mul: (a, b) => Math.fround(a * b),
  div: (a, b) => Math.fround(a / b),
  sqrt: (a) => Math.fround(Math.sqrt(a)),
  neg: (a) => -a,
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  nearest: roundHalfEven,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
  rem: (a, b) => a % b,

  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,

  addI: (a, b) => (a + b) | 0,
  subI: (a, b) => (a - b) | 0,
  mulI: (a, b) => Math.imul(a, b),
  negI: (a) => -a | 0,
  absI: (a) => Math.abs(a) | 0,
  minI: (a, b) => (a < b ? a : b),
  maxI: (a, b) => (a < b ? b : a),
  minU: (a, b) => (a >>> 0 < b >>> 0 ? a : b),
  maxU: (a, b) => (a >>> 0 < b >>> 0 ? b : a),
  andI: (a, b) => a & b,
  orI: (a, b) => a | b,
  xorI: (a, b) => a ^ b,
  notI: (a) => ~a,
  divI: (a, b) => (b === 0 ? -1 : (a / b) | 0),
  remI: (a, b) => (b === 0 ? a : (a % b) | 0),
  divU: (a, b) => (b === 0 ? -1 : ((a >>> 0) / (b >>> 0)) | 0),
  remU: (a, b) => (b === 0 ? a : ((a >>> 0) % (b >>> 0)) | 0),
  shiftLeft: (a, count) => a << count,
  shiftRight: (a, count) => a >> count,
  shiftRightU: (a, count) => (a >>> count) | 0,
  shiftLeftBy: (a, count) => (count >>> 0 < 32 ? a << count : 0),
  shiftRightBy: (a, count) => a >> (count >>> 0 < 32 ? count : 31),
  shiftRightByU: (a, count) => (count >>> 0 < 32 ? (a >>> count) | 0 : 0),
  eqI: (a, b) => a === b,
  ltI: (a, b) => a < b,
  ltU: (a, b) => a >>> 0 < b >>> 0,

  and: (a, b) => a && b,
  or: (a, b) => a || b,
  not: (a) => !a,
  select: (which, onTrue, onFalse) => (which ? onTrue : onFalse),
  selectI: (which, onTrue, onFalse) => (which ? onTrue : onFalse),
  zeroWhere: (which, a) => (which ? 0 : a),
  nanWhere: (which, a) => (which ? Number.NaN : a),
  bool: (which) => (which ? 1 : 0),

  bits: floatToBits,
  fromBits: bitsToFloat,
  toI32: (a) => saturate(a, -2147483648, 2147483647),
  toU32: (a) => saturate(a, 0, 4294967295),
  fromI32: Math.fround,
  fromU32: (a) => Math.fround(a >>> 0),
  widen: (a) => a,
  narrow: Math.fround,

  addD: (a, b) => a + b,
  subD: (a, b) => a - b,
  mulD: (a, b) => a * b,
  divD: (a, b) => a / b,
  floorD: Math.floor,
  pminD: (a, b) => (b < a ? b : a),
  pmaxD: (a, b) => (a < b ? b : a),
};

const floats = new Float32Array(1);
const words = new Int32Array(floats.buffer);

function floatToBits(value: number): number {
  floats[0] = value;
  return words[0];
}

function bitsToFloat(value: number): number {
  words[0] = value;
  return floats[0];
}

/** Truncated and clamped, NaN gives 0; as signed i32 bits. */
function saturate(value: number, low: number, high: number): number {
  if (value !== value) return 0;
  return Math.trunc(Math.min(Math.max(value, low), high)) | 0;
}

/** Rounds an f32 or f64 value half to even, keeping the sign of zero. */
function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  const fraction = value - down;
  if (fraction === 0 || fraction !== fraction) return value;
  const up = down + 1;
  const nearest = fraction < 0.5 || (fraction === 0.5 && down % 2 === 0) ? down : up;
  return nearest === 0 && value < 0 ? -0 : nearest;
}
