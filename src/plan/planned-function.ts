import type { Access } from "./kernel-calls.ts";

/** Where bytes lie while a function runs: in its frame, among the plan's constants, or where its caller says. */
export type Location =
  | { readonly space: "frame"; readonly offset: number }
  | { readonly space: "constants"; readonly offset: number }
  | { readonly space: "parameter"; readonly index: number; readonly offset: number };

/** A buffer of a kernel call. */
export interface PlacedBuffer {
  readonly at: Location;
  /** From there to the end of the value that it belongs to. */
  readonly bytes: number;
  readonly access: Access;
}

/** One call of a kernel of the target. */
export interface PlacedCall {
  readonly kind: "kernel";
  readonly kernel: string;
  readonly buffers: readonly PlacedBuffer[];
  readonly immediates: readonly number[];
  /** Roughly how many scalar operations: small calls are not split between threads. */
  readonly work: number;
  /** The most shares that it is worth cutting into; as many as the target has when absent. */
  readonly mostShares?: number;
}

/** Work of the host, by the number of its callback. */
export interface PlacedHost {
  readonly kind: "host";
  readonly callback: number;
  readonly buffers: readonly Location[];
}

/** Steps that enter functions. Arguments are inputs, then outputs; `frame` is where in the caller's frame the callee's begins. */
export type PlacedControl =
  | {
      readonly kind: "call";
      readonly callee: PlanFunction;
      readonly frame: number;
      readonly arguments: readonly Location[];
    }
  | {
      readonly kind: "scan";
      readonly callee: PlanFunction;
      readonly frame: number;
      readonly iterations: number;
      /** `stride`: the bytes by which an argument moves per iteration. */
      readonly arguments: readonly { readonly at: Location; readonly stride: number }[];
    }
  | {
      readonly kind: "cond";
      readonly index: Location;
      readonly branches: readonly PlanFunction[];
      readonly frame: number;
      readonly arguments: readonly Location[];
    }
  | {
      readonly kind: "while";
      readonly condition: PlanFunction;
      readonly callee: PlanFunction;
      readonly frame: number;
      readonly predicate: Location;
      readonly conditionArguments: readonly Location[];
      readonly arguments: readonly Location[];
    };

/** What one step of a plan does, with everything in its place: a target turns it into its own form. */
export type PlacedBody = PlacedCall | PlacedHost | PlacedControl;

export interface PlacedStep {
  readonly body: PlacedBody;
  /** Absent for what only debugging adds. */
  readonly info?: StepInfo;
}

/** What one step is and costs, for listings and profiles. */
export interface StepInfo {
  /** Kernel or control form. */
  readonly operation: string;
  /** The function's name, empty in the main function. */
  readonly within: string;
  /** User's names in the function and the operation's: `layer3/attention/dotGeneral`. */
  readonly name: string;
  readonly flops: number;
  /** Bytes read and written. */
  readonly bytes: number;
  /** Where the results lie and how many bytes they are, readable. */
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
  /** Inputs and outputs given by the caller, inputs first; of the main function those that lie outside of its frame. */
  readonly parameters: number;
  /** Bytes for its locals, callees' frames included. */
  readonly frameBytes: number;
  /** Largest sum of the bytes of simultaneously live values: a lower bound of `frameBytes`. */
  readonly liveBytes: number;
  /** Largest sum of the bytes of values that wait outside of the arena, callees' included. */
  readonly hostBytes: number;
  readonly steps: readonly PlacedStep[];
  /** Of one run; a while loop counts as one iteration. */
  readonly flops: number;
  readonly bytes: number;
  /** Live values at the step of the highest memory use, largest first. */
  readonly largest: readonly LiveValue[];
}

/** The functions that a control step enters. */
export function calleesOf<Function>(
  body:
    | { readonly kind: "call" | "scan"; readonly callee: Function }
    | { readonly kind: "cond"; readonly branches: readonly Function[] }
    | { readonly kind: "while"; readonly condition: Function; readonly callee: Function },
): readonly Function[] {
  switch (body.kind) {
    case "call":
    case "scan":
      return [body.callee];
    case "cond":
      return body.branches;
    case "while":
      return [body.condition, body.callee];
    default:
      return body satisfies never;
  }
}

/** `frame+64`. */
export function formatLocation(at: Location): string {
  const space = at.space === "parameter" ? `parameter${at.index}` : at.space;
  return `${space}+${at.offset}`;
}
