/** Scalar functions as formulas over {@link Lanes}: one definition, the same bits everywhere. */
export type { Lanes, WideLanes } from "./lanes.ts";
export { numberLanes } from "./number-lanes.ts";
export { exp, expm1 } from "./exponential.ts";
export { log, log1p } from "./logarithm.ts";
export { cos, cosWide, sin, sinWide } from "./trigonometry.ts";
export { atan2 } from "./arc-tangent.ts";
export { logistic, tanh } from "./hyperbolic.ts";
export { erf, erfInv } from "./error-function.ts";
export { pow, powWide } from "./power.ts";
