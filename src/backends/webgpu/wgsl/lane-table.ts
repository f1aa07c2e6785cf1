import type { LaneOp } from "../../../ir/scalar/lane-kinds.ts";

/** The text of an operation, given the names of its operands; a shift's count comes last. */
type Text = (...operands: string[]) => string;

const call =
  (name: string): Text =>
  (...operands) =>
    `${name}(${operands.join(", ")})`;
const infix =
  (sign: string): Text =>
  (a, b) =>
    `${a} ${sign} ${b}`;
/** What rounds goes through `guard`, so that no compiler fuses it with another operation or reorders the two. */
const guarded =
  (text: Text): Text =>
  (...operands) =>
    `guard(${text(...operands)})`;

/** x - x is NaN for some x, which a compiler may forget: it must not see that the operands are one. */
const difference: Text = (a, b) => `${a} - ${a === b ? `guard(${b})` : b}`;
/** A compiler that knows the divisor may multiply by its inverse, which rounds twice. */
const quotient: Text = (a, b) => `${a} / guard(${b})`;

const unsigned = (a: string): string => `bitcast<u32>(${a})`;
const signed = (a: string): string => `bitcast<i32>(${a})`;
/** An operation of WGSL on unsigned words, which our lanes hold as signed ones. */
const onUnsigned =
  (text: Text): Text =>
  (...operands) =>
    signed(text(...operands.map(unsigned)));

const choose: Text = (which, onTrue, onFalse) => `select(${onFalse}, ${onTrue}, ${which})`;
const remainderBy =
  (text: Text): Text =>
  (a, b) =>
    choose(`${b} == 0i`, a, text(a, b));
const quotientBy =
  (text: Text): Text =>
  (a, b) =>
    choose(`${b} == 0i`, "-1i", text(a, b));
/** A shift by a count per element, of which WGSL takes the last five bits; larger ones give 0. */
const shiftOr0 =
  (text: Text): Text =>
  (a, count) =>
    choose(`${unsigned(count)} < 32u`, text(a, `(${unsigned(count)} & 31u)`), "0i");

/**
 * How each lane operation is written in WGSL: f32 and i32 values and bools. What has a name of its own is a function of
 * {@link wgslPrelude}. Tests for NaN look at bits, because a compiler may assume that there is none.
 */
export const wgslOperations: Readonly<Record<LaneOp, Text>> = {
  add: guarded(infix("+")),
  sub: guarded(difference),
  mul: guarded(infix("*")),
  div: guarded(quotient),
  sqrt: guarded(call("sqrt")),
  neg: (a) => `bitcast<f32>(${unsigned(a)} ^ 0x80000000u)`,
  abs: (a) => `bitcast<f32>(${unsigned(a)} & 0x7fffffffu)`,
  floor: call("floor"),
  ceil: call("ceil"),
  trunc: call("trunc"),
  nearest: call("round"),
  min: call("minimum"),
  max: call("maximum"),
  pmin: (a, b) => choose(`${b} < ${a}`, b, a),
  pmax: (a, b) => choose(`${a} < ${b}`, b, a),
  rem: call("remainder"),

  eq: infix("=="),
  ne: (a, b) => (a === b ? `isNan(${a})` : `!(${a} == ${b})`),
  lt: infix("<"),
  le: infix("<="),

  addI: infix("+"),
  subI: infix("-"),
  mulI: infix("*"),
  negI: (a) => `0i - ${a}`,
  absI: call("abs"),
  minI: call("min"),
  maxI: call("max"),
  minU: onUnsigned(call("min")),
  maxU: onUnsigned(call("max")),
  andI: infix("&"),
  orI: infix("|"),
  xorI: infix("^"),
  notI: (a) => `~${a}`,
  divI: quotientBy(infix("/")),
  remI: remainderBy(infix("%")),
  divU: quotientBy(onUnsigned(infix("/"))),
  remU: remainderBy(onUnsigned(infix("%"))),
  shiftLeft: (a, count) => `${a} << ${count}u`,
  shiftRight: (a, count) => `${a} >> ${count}u`,
  shiftRightU: (a, count) => signed(`${unsigned(a)} >> ${count}u`),
  shiftLeftBy: shiftOr0(infix("<<")),
  shiftRightBy: (a, count) => `${a} >> min(${unsigned(count)}, 31u)`,
  shiftRightByU: shiftOr0((a, count) => signed(`${unsigned(a)} >> ${count}`)),
  eqI: infix("=="),
  ltI: infix("<"),
  ltU: (a, b) => `${unsigned(a)} < ${unsigned(b)}`,

  and: infix("&&"),
  or: infix("||"),
  not: (a) => `!${a}`,
  select: choose,
  selectI: choose,
  zeroWhere: (which, a) => choose(which, "0.0f", a),
  nanWhere: (which, a) => choose(which, "opaque(0x7fc00000u)", a),
  bool: (which) => choose(which, "1i", "0i"),

  bits: signed,
  fromBits: (a) => `bitcast<f32>(${a})`,
  toI32: call("saturated"),
  toU32: call("saturatedUnsigned"),
  // By halves, which are exact, and one rounding: WGSL lets a conversion give either neighbour.
  fromI32: guarded((a) => `f32(${a} >> 16u) * 65536.0f + f32(${a} & 0xffffi)`),
  fromU32: guarded((a) => `f32(${unsigned(a)} >> 16u) * 65536.0f + f32(${a} & 0xffffi)`),
};
