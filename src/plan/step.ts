import type { Program } from "../ir/program.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import type { Access } from "./kernel-calls.ts";
import type { FunctionForm } from "./context.ts";
import type { Place, Storage } from "./storage.ts";

/** What a call does with the bytes at a place. */
export interface CallBuffer {
  readonly place: Place;
  readonly access: Access;
}

/** One call of a kernel. */
export interface KernelCall {
  readonly kernel: string;
  readonly buffers: readonly CallBuffer[];
  readonly immediates: readonly number[];
  /** Roughly how many scalar operations: small calls are not split between threads. */
  readonly work: number;
  /** The most shares that it is worth cutting into; as many as the target has when absent. */
  readonly mostShares?: number;
  /** Floating-point operations, for reports. */
  readonly flops: number;
  /** Only copies its first buffer to its second. */
  readonly isMove: boolean;
}

/** An argument of a loop: its address moves by `stride` bytes per iteration. */
export interface LoopArgument {
  readonly place: Place;
  readonly stride: number;
}

/** A sub-program that a step enters, before it is known which operands it may overwrite. */
export interface Callee {
  readonly program: Program;
  readonly form: FunctionForm;
  readonly name: string;
}

export interface KernelsBody {
  readonly kind: "kernels";
  readonly calls: readonly KernelCall[];
}

export interface HostBody {
  readonly kind: "host";
  readonly callback: number;
  readonly buffers: readonly Place[];
  /** Bytes that the host keeps from here on; negative where it gives them back. */
  readonly parks?: number;
}

/** Steps that enter functions; `Function` is what is known of them. Arguments are inputs, then outputs. */
export type ControlBody<Function> =
  | {
      readonly kind: "call";
      readonly callee: Function;
      readonly arguments: readonly Place[];
    }
  | {
      readonly kind: "scan";
      readonly callee: Function;
      readonly iterations: number;
      readonly arguments: readonly LoopArgument[];
    }
  | {
      readonly kind: "cond";
      readonly index: Place;
      readonly branches: readonly Function[];
      readonly arguments: readonly Place[];
    }
  | {
      readonly kind: "while";
      readonly condition: Function;
      readonly callee: Function;
      readonly predicate: Place;
      readonly conditionArguments: readonly Place[];
      readonly arguments: readonly Place[];
    };

/** What happens at one moment of a function: the unit of liveness. */
interface Moment {
  readonly name: string;
  readonly reads: readonly Place[];
  readonly writes: readonly Storage[];
  /** Workspace and callees' frames: alive during this step only. */
  readonly temporaries: readonly Storage[];
}

/** A step as nodes are lowered to it: its callees are not compiled yet. */
export interface DraftStep extends Moment {
  readonly body: KernelsBody | HostBody | ControlBody<Callee>;
  /** [position in reads, position in writes]: the result may take over the operand's storage. */
  readonly share: readonly (readonly [number, number])[];
  /** The result is a plain copy and never changes: both may be one storage. */
  readonly isCopy: boolean;
  readonly flops: number;
  readonly bytes: number;
  /**
   * Of control steps: which callee inputs the reads are, in order; -1 for none. An input that dies
   * at the step is the callee's to overwrite.
   */
  readonly inputs: readonly number[];
}

/** A step with its callees. */
export interface Step extends Omit<DraftStep, "body" | "inputs"> {
  readonly body: KernelsBody | HostBody | LinkedBody;
  /** Operands that hold something else afterwards: nobody may share their storage beyond the step. */
  readonly overwrites: readonly Storage[];
}

export type LinkedBody = ControlBody<CompiledFunction> & { readonly frame: Place };
