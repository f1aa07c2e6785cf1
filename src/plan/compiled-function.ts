import type { PlanFunction } from "./planned-function.ts";

/** A function as its callers see it. */
export interface CompiledFunction extends PlanFunction {
  /**
   * [input, output]: when both are given the same storage the results are still right. Outputs of
   * loops are counted without the carries.
   */
  readonly aliasable: readonly (readonly [number, number])[];
}
