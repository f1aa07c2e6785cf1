import type { ReferenceArray } from "../ir/primitive.ts";
import type { Aval } from "../core/aval.ts";

/** Where an input or output of the whole program lies: see `opcodes.ts` for base and offset. */
export interface Region {
  /** `undefined`: an input that nothing reads. */
  readonly place: { readonly base: number; readonly offset: number } | undefined;
  readonly words: number;
  readonly aval: Aval;
}

/** Work that the plan leaves to the host language: printing, and operations without a kernel. */
export interface HostCallback {
  readonly name: string;
  readonly inputs: readonly Aval[];
  readonly outputs: readonly Aval[];
  readonly run: (inputs: readonly ReferenceArray[], outputs: readonly ReferenceArray[]) => void;
}

/** What one step is and costs, for listings and profiles. */
export interface StepInfo {
  /** Word of the code where the step starts: identifies it. */
  readonly start: number;
  /** Kernel or control form. */
  readonly operation: string;
  /** The function's name, empty in the main function. */
  readonly within: string;
  /** User's names in the function and the operation's: `layer3/attention/dotGeneral`. */
  readonly name: string;
  readonly flops: number;
  /** Bytes read and written. */
  readonly bytes: number;
  /** Addresses of the results in the function's frame, readable. */
  readonly results: string;
}

/** A value in memory at a function's peak. */
export interface LiveValue {
  readonly name: string;
  readonly bytes: number;
}

/** One compiled program or sub-program. */
export interface PlanFunction {
  /** Names of the calls that lead to it from the program, joined by slashes; `main` for the program itself. */
  readonly name: string;
  /** First word of its steps. */
  readonly start: number;
  /** Inputs and outputs given by the caller, inputs first; 0 for the main function. */
  readonly parameters: number;
  /** Bytes for its locals, callees' frames included. */
  readonly frameBytes: number;
  /** Largest sum of the bytes of simultaneously live values: a lower bound of `frameBytes`. */
  readonly liveBytes: number;
  /** Largest sum of the bytes of values that wait outside of the arena, callees' included. */
  readonly hostBytes: number;
  /** Depth of calls below it in words of base tables, its own included. */
  readonly tableWords: number;
  readonly steps: readonly StepInfo[];
  /** Of one run; a while loop counts as one iteration. */
  readonly flops: number;
  readonly bytes: number;
  /** Live values at the step of the highest memory use, largest first. */
  readonly largest: readonly LiveValue[];
}

/** A program compiled for a target: plain data, ready to be written into a machine's memory. */
export interface ExecutionPlan {
  /** The steps of all functions. */
  readonly code: Int32Array;
  /** Words that steps read and nothing writes. */
  readonly constants: Int32Array;
  /** Callees before callers; the last one is the program itself. */
  readonly functions: readonly PlanFunction[];
  readonly main: PlanFunction;
  readonly inputs: readonly Region[];
  readonly outputs: readonly Region[];
  readonly callbacks: readonly HostCallback[];
}
