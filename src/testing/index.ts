/** Checks for the derivatives of one's own functions. */
export { checkGrads, checkGradsAsync, type CheckGradsOptions } from "./check-grads.ts";
