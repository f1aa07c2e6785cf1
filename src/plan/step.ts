import type { CompiledFunction } from "./compiled-function.ts";
import type { Place, Storage } from "./storage.ts";

/** One call of a kernel. */
export interface KernelCall {
  readonly kernel: string;
  readonly buffers: readonly Place[];
  readonly immediates: readonly number[];
  /** Roughly how many scalar operations: small calls are not split between threads. */
  readonly work: number;
}

/** An argument of a loop: its address moves by `stride` words per iteration. */
export interface LoopArgument {
  readonly place: Place;
  readonly stride: number;
}

export type StepBody =
  | { readonly kind: "kernels"; readonly calls: readonly KernelCall[] }
  | {
      readonly kind: "call";
      readonly callee: CompiledFunction;
      readonly frame: Place;
      readonly arguments: readonly Place[];
    }
  | {
      readonly kind: "scan";
      readonly callee: CompiledFunction;
      readonly frame: Place;
      readonly iterations: number;
      readonly arguments: readonly LoopArgument[];
    }
  | {
      readonly kind: "cond";
      readonly index: Place;
      readonly branches: readonly CompiledFunction[];
      readonly frame: Place;
      readonly arguments: readonly Place[];
    }
  | {
      readonly kind: "while";
      readonly condition: CompiledFunction;
      readonly callee: CompiledFunction;
      readonly frame: Place;
      readonly predicate: Place;
      readonly conditionArguments: readonly Place[];
      readonly arguments: readonly Place[];
    }
  | { readonly kind: "host"; readonly callback: number; readonly buffers: readonly Place[] };

/** What happens at one moment of a function: the unit of liveness. */
export interface Step {
  readonly name: string;
  readonly body: StepBody;
  readonly reads: readonly Place[];
  readonly writes: readonly Storage[];
  /** Workspace and callees' frames: alive during this step only. */
  readonly temporaries: readonly Storage[];
  /** [position in reads, position in writes]: the result may take over the operand's storage. */
  readonly share: readonly (readonly [number, number])[];
  /** The result is a plain copy and never changes: both may be one storage. */
  readonly isCopy: boolean;
  readonly flops: number;
  readonly bytes: number;
}
