import type { ReferenceArray } from "../ir/primitive.ts";
import type { Aval } from "../core/aval.ts";
import type { Location, PlanFunction } from "./planned-function.ts";

/** Where an input or output of the whole program lies. */
export interface Region {
  /** `undefined`: an input that nothing reads. */
  readonly at: Location | undefined;
  readonly bytes: number;
  readonly aval: Aval;
}

/** Work that the plan leaves to the host language: printing, and operations without a kernel. */
export interface HostCallback {
  readonly name: string;
  readonly inputs: readonly Aval[];
  readonly outputs: readonly Aval[];
  readonly run: (inputs: readonly ReferenceArray[], outputs: readonly ReferenceArray[]) => void;
}

/** A program compiled for a target: steps with everything in its place, which a backend turns into its own form. */
export interface ExecutionPlan {
  /** Words that steps read and nothing writes. */
  readonly constants: Int32Array;
  /** Callees before callers; the last one is the program itself. */
  readonly functions: readonly PlanFunction[];
  readonly main: PlanFunction;
  readonly inputs: readonly Region[];
  readonly outputs: readonly Region[];
  readonly callbacks: readonly HostCallback[];
}
