import type { PlanFunction } from "./plan.ts";

/** A function as its callers see it. */
export interface CompiledFunction extends PlanFunction {
  /** Which inputs its steps read. */
  readonly inputUsed: readonly boolean[];
  /** [input, output]: when both are given the same storage the results are still right. */
  readonly aliasable: readonly (readonly [number, number])[];
}
