import type { Lanes, WideLanes } from "../../core/scalar-math/index.ts";
import * as math from "../../core/scalar-math/index.ts";
import type { ScalarOp, scalarOps, ScalarType } from "../expression.ts";

type Signatures = typeof scalarOps;

/** The lane type that holds a scalar type: bool and both integer types are 32-bit words. */
type LaneOf<T, F, I> = T extends "f32" ? F : I;

type Formula<S extends readonly ScalarType[], F, I> = S extends readonly [infer A, infer R]
  ? (a: LaneOf<A, F, I>) => LaneOf<R, F, I>
  : S extends readonly [infer A, infer B, infer R]
    ? (a: LaneOf<A, F, I>, b: LaneOf<B, F, I>) => LaneOf<R, F, I>
    : S extends readonly [infer A, infer B, infer C, infer R]
      ? (a: LaneOf<A, F, I>, b: LaneOf<B, F, I>, c: LaneOf<C, F, I>) => LaneOf<R, F, I>
      : never;

export type Formulas<F, I> = { readonly [Op in ScalarOp]: Formula<Signatures[Op], F, I> };

/**
 * The meaning of every scalar operation in primitive lane operations, for machines without f64. Bools
 * are the words 0 and 1. What `scalarOps` says in prose is said here in full.
 */
export const scalarFormulas = <F, I, M>(lanes: Lanes<F, I, M>): Formulas<F, I> => ({
  ...floatFormulas(lanes),
  ...signedFormulas(lanes),
  ...unsignedFormulas(lanes),
  ...boolFormulas(lanes),
  ...conversionFormulas(lanes),
});

/** The same for machines that have f64, where it is simpler and cheaper. */
export const wideScalarFormulas = <F, I, D, M>(lanes: WideLanes<F, I, D, M>): Formulas<F, I> => ({
  ...scalarFormulas(lanes),
  sinF32: (x: F) => math.sinWide(lanes, x),
  cosF32: (x: F) => math.cosWide(lanes, x),
  powF32: (x: F, y: F) => math.powWide(lanes, x, y),
});

function floatFormulas<F, I, M>(lanes: Lanes<F, I, M>) {
  const { add, sub, mul, div, min, max, neg, abs, sqrt, floor, ceil, nearest, trunc, rem } = lanes;
  const { f32, lt, le, eq, ne, select, bool } = lanes;
  return {
    addF32: add,
    subF32: sub,
    mulF32: mul,
    divF32: div,
    minF32: min,
    maxF32: max,
    negF32: neg,
    absF32: abs,
    signF32: (x: F) => select(lt(f32(0), x), f32(1), select(lt(x, f32(0)), f32(-1), x)),
    sqrtF32: sqrt,
    floorF32: floor,
    ceilF32: ceil,
    roundF32: nearest,
    truncF32: trunc,
    remF32: rem,
    expF32: (x: F) => math.exp(lanes, x),
    expm1F32: (x: F) => math.expm1(lanes, x),
    logF32: (x: F) => math.log(lanes, x),
    log1pF32: (x: F) => math.log1p(lanes, x),
    sinF32: (x: F) => math.sin(lanes, x),
    cosF32: (x: F) => math.cos(lanes, x),
    tanhF32: (x: F) => math.tanh(lanes, x),
    erfF32: (x: F) => math.erf(lanes, x),
    erfInvF32: (x: F) => math.erfInv(lanes, x),
    logisticF32: (x: F) => math.logistic(lanes, x),
    powF32: (x: F, y: F) => math.pow(lanes, x, y),
    atan2F32: (y: F, x: F) => math.atan2(lanes, y, x),
    eqF32: (a: F, b: F) => bool(eq(a, b)),
    neF32: (a: F, b: F) => bool(ne(a, b)),
    ltF32: (a: F, b: F) => bool(lt(a, b)),
    leF32: (a: F, b: F) => bool(le(a, b)),
    gtF32: (a: F, b: F) => bool(lt(b, a)),
    geF32: (a: F, b: F) => bool(le(b, a)),
  };
}

function signedFormulas<F, I, M>(lanes: Lanes<F, I, M>) {
  const { i32, ltI, eqI, not, selectI, bool } = lanes;
  return {
    addI32: lanes.addI,
    subI32: lanes.subI,
    mulI32: lanes.mulI,
    divI32: lanes.divI,
    remI32: lanes.remI,
    minI32: lanes.minI,
    maxI32: lanes.maxI,
    negI32: lanes.negI,
    absI32: lanes.absI,
    signI32: (x: I) => selectI(ltI(i32(0), x), i32(1), selectI(ltI(x, i32(0)), i32(-1), i32(0))),
    andI32: lanes.andI,
    orI32: lanes.orI,
    xorI32: lanes.xorI,
    notI32: lanes.notI,
    shlI32: lanes.shiftLeftBy,
    shrI32: lanes.shiftRightBy,
    eqI32: (a: I, b: I) => bool(eqI(a, b)),
    neI32: (a: I, b: I) => bool(not(eqI(a, b))),
    ltI32: (a: I, b: I) => bool(ltI(a, b)),
    leI32: (a: I, b: I) => bool(not(ltI(b, a))),
    gtI32: (a: I, b: I) => bool(ltI(b, a)),
    geI32: (a: I, b: I) => bool(not(ltI(a, b))),
  };
}

function unsignedFormulas<F, I, M>(lanes: Lanes<F, I, M>) {
  const { i32, ltU, eqI, not, bool } = lanes;
  return {
    addU32: lanes.addI,
    subU32: lanes.subI,
    mulU32: lanes.mulI,
    divU32: lanes.divU,
    remU32: lanes.remU,
    minU32: lanes.minU,
    maxU32: lanes.maxU,
    signU32: (x: I) => bool(not(eqI(x, i32(0)))),
    andU32: lanes.andI,
    orU32: lanes.orI,
    xorU32: lanes.xorI,
    notU32: lanes.notI,
    shlU32: lanes.shiftLeftBy,
    shrU32: lanes.shiftRightByU,
    eqU32: (a: I, b: I) => bool(eqI(a, b)),
    neU32: (a: I, b: I) => bool(not(eqI(a, b))),
    ltU32: (a: I, b: I) => bool(ltU(a, b)),
    leU32: (a: I, b: I) => bool(not(ltU(b, a))),
    gtU32: (a: I, b: I) => bool(ltU(b, a)),
    geU32: (a: I, b: I) => bool(not(ltU(a, b))),
  };
}

function boolFormulas<F, I, M>(lanes: Lanes<F, I, M>) {
  const { i32, eqI, select, selectI, xorI } = lanes;
  const choose = (which: I, onTrue: I, onFalse: I): I =>
    selectI(eqI(which, i32(0)), onFalse, onTrue);
  return {
    andBool: lanes.andI,
    orBool: lanes.orI,
    xorBool: xorI,
    notBool: (a: I) => xorI(a, i32(1)),
    selectF32: (which: I, onTrue: F, onFalse: F) => select(eqI(which, i32(0)), onFalse, onTrue),
    selectI32: choose,
    selectU32: choose,
    selectBool: choose,
  };
}

function conversionFormulas<F, I, M>(lanes: Lanes<F, I, M>) {
  const { f32, i32, toI32, toU32, fromI32, fromU32, nearest, ne, eqI, not, bool, selectI } = lanes;
  const same = (a: I): I => a;
  const isNonZero = (a: I): I => bool(not(eqI(a, i32(0))));
  return {
    f32ToI32: toI32,
    f32ToU32: toU32,
    i32ToF32: fromI32,
    u32ToF32: fromU32,
    i32ToU32: same,
    u32ToI32: same,
    boolToF32: fromI32,
    boolToI32: same,
    boolToU32: same,
    f32ToBool: (a: F) => bool(ne(a, f32(0))),
    i32ToBool: isNonZero,
    u32ToBool: isNonZero,
    bitsF32ToU32: lanes.bits,
    bitsU32ToF32: lanes.fromBits,
    roundToI32: (a: F) => selectI(ne(a, a), i32(-0x80000000), toI32(nearest(a))),
  };
}
