import type { Primitive } from "../../ir/primitive.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { and } from "./and.ts";
import { atan2 } from "./atan2.ts";
import { bitcast } from "./bitcast.ts";
import { ceil } from "./ceil.ts";
import { convert } from "./convert.ts";
import { cos } from "./cos.ts";
import { div } from "./div.ts";
import { eq } from "./eq.ts";
import { erfInv } from "./erf-inv.ts";
import { erf } from "./erf.ts";
import { exp } from "./exp.ts";
import { expm1 } from "./expm1.ts";
import { fixedAdd } from "./fixed-add.ts";
import { fixedSub } from "./fixed-sub.ts";
import { floor } from "./floor.ts";
import { fromFixed } from "./from-fixed.ts";
import { ge } from "./ge.ts";
import { gt } from "./gt.ts";
import { le } from "./le.ts";
import { log } from "./log.ts";
import { log1p } from "./log1p.ts";
import { logistic } from "./logistic.ts";
import { lt } from "./lt.ts";
import { max } from "./max.ts";
import { min } from "./min.ts";
import { mul } from "./mul.ts";
import { ne } from "./ne.ts";
import { neg } from "./neg.ts";
import { not } from "./not.ts";
import { or } from "./or.ts";
import { pow } from "./pow.ts";
import { rem } from "./rem.ts";
import { round } from "./round.ts";
import { select } from "./select.ts";
import { shiftLeft } from "./shift-left.ts";
import { shiftRightArithmetic } from "./shift-right-arithmetic.ts";
import { shiftRightLogical } from "./shift-right-logical.ts";
import { sign } from "./sign.ts";
import { sin } from "./sin.ts";
import { sqrt } from "./sqrt.ts";
import { stopGradient } from "./stop-gradient.ts";
import { sub } from "./sub.ts";
import { tanh } from "./tanh.ts";
import { toFixed } from "./to-fixed.ts";
import { trunc } from "./trunc.ts";
import { xor } from "./xor.ts";

/** Operations that compute each element from the elements at the same place. */
export const elementwisePrimitives: readonly Primitive<never>[] = [
  abs,
  add,
  and,
  atan2,
  bitcast,
  ceil,
  convert,
  cos,
  div,
  eq,
  erfInv,
  erf,
  exp,
  expm1,
  fixedAdd,
  fixedSub,
  floor,
  fromFixed,
  ge,
  gt,
  le,
  log,
  log1p,
  logistic,
  lt,
  max,
  min,
  mul,
  ne,
  neg,
  not,
  or,
  pow,
  rem,
  round,
  select,
  shiftLeft,
  shiftRightArithmetic,
  shiftRightLogical,
  sign,
  sin,
  sqrt,
  stopGradient,
  sub,
  tanh,
  toFixed,
  trunc,
  xor,
];
