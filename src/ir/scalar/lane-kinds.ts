import type { Lanes, WideLanes } from "../../core/scalar-math/index.ts";

/** What a lane holds: f32, a 32-bit integer, f64, a truth value. */
export type LaneKind = "F" | "I" | "D" | "M";

type AnyLanes = Lanes<never, never, never>;
type AnyWideLanes = WideLanes<never, never, never, never>;
/** Operations of every machine, and those that only machines with f64 have. */
export type LaneOp = Exclude<keyof AnyLanes, "f32" | "i32">;
export type WideLaneOp = Exclude<keyof AnyWideLanes, keyof AnyLanes | "f64">;

/** The kind of each operation's result. */
export const resultKinds = {
  add: "F",
  sub: "F",
  mul: "F",
  div: "F",
  sqrt: "F",
  neg: "F",
  abs: "F",
  floor: "F",
  ceil: "F",
  trunc: "F",
  nearest: "F",
  min: "F",
  max: "F",
  pmin: "F",
  pmax: "F",
  rem: "F",
  select: "F",
  zeroWhere: "F",
  nanWhere: "F",
  fromBits: "F",
  fromI32: "F",
  fromU32: "F",
  addI: "I",
  subI: "I",
  mulI: "I",
  negI: "I",
  absI: "I",
  minI: "I",
  maxI: "I",
  minU: "I",
  maxU: "I",
  andI: "I",
  orI: "I",
  xorI: "I",
  notI: "I",
  divI: "I",
  remI: "I",
  divU: "I",
  remU: "I",
  shiftLeft: "I",
  shiftRight: "I",
  shiftRightU: "I",
  shiftLeftBy: "I",
  shiftRightBy: "I",
  shiftRightByU: "I",
  selectI: "I",
  bool: "I",
  bits: "I",
  toI32: "I",
  toU32: "I",
  eq: "M",
  ne: "M",
  lt: "M",
  le: "M",
  eqI: "M",
  ltI: "M",
  ltU: "M",
  and: "M",
  or: "M",
  not: "M",
} as const satisfies Record<LaneOp, LaneKind>;

export const wideResultKinds = {
  widen: "D",
  narrow: "F",
  addD: "D",
  subD: "D",
  mulD: "D",
  divD: "D",
  floorD: "D",
  pminD: "D",
  pmaxD: "D",
} as const satisfies Record<WideLaneOp, LaneKind>;
