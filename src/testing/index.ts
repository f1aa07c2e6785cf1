/** Checks for the derivatives of one's own functions. */
export { checkGrads, type CheckGradsOptions } from "./check-grads.ts";
