import { checkWhole } from "../core/whole.ts";
import type { Aval } from "../core/aval.ts";
import type { Params } from "../ir/primitive.ts";

/** What a call does with a buffer. */
export type Access = "read" | "write" | "both";

/** A buffer that a call takes: an operand, a result, or workspace from a byte on. */
export type BufferReference =
  | { readonly kind: "input"; readonly index: number; readonly access: Access }
  | { readonly kind: "output"; readonly index: number; readonly access: Access }
  | { readonly kind: "workspace"; readonly offset: number; readonly access: Access };

export const inputBuffer = (index: number): BufferReference => ({
  kind: "input",
  index: checkWhole(index, "the number of the operand", "inputBuffer", 0),
  access: "read",
});
export const outputBuffer = (index: number): BufferReference => ({
  kind: "output",
  index: checkWhole(index, "the number of the result", "outputBuffer", 0),
  access: "write",
});
/** A result that an earlier call of the same operation has begun. */
export const updatedBuffer = (index: number): BufferReference => ({
  kind: "output",
  index: checkWhole(index, "the number of the result", "updatedBuffer", 0),
  access: "both",
});
export const workspaceBuffer = (offset: number): BufferReference => ({
  kind: "workspace",
  offset: checkWhole(offset, "the byte of the workspace", "workspaceBuffer", 0),
  access: "both",
});

/** One call of a kernel of the target. */
export interface KernelStep {
  readonly kernel: string;
  readonly buffers: readonly BufferReference[];
  /** Whole numbers that the kernel takes besides its buffers; what they mean is between the target and its kernel. */
  readonly immediates: readonly number[];
  /** Of the operation's floating-point operations; an equal part of those that other steps leave when absent. */
  readonly flops?: number;
  /** Roughly how many scalar operations it is; by its flops and bytes when absent. */
  readonly work?: number;
  /** The most shares that it is worth cutting into; as many as the target has when absent. */
  readonly mostShares?: number;
  /** It does nothing but copy its first buffer to its second: nothing is left to do when both are one place. */
  readonly isMove?: boolean;
}

/** How a target carries out an operation: calls one after the other, and the bytes they need besides operands and results. */
export interface KernelCalls {
  readonly steps: readonly KernelStep[];
  readonly workspaceBytes?: number;
}

/** What is known of an operation when a target is asked how it would carry it out. */
export interface KernelRequest<P extends Params = Params> {
  readonly params: P;
  readonly inputs: readonly Aval[];
  readonly outputs: readonly Aval[];
}

/** A target's way to carry out the operations of one name. */
export type KernelRecipe<P extends Params = Params> = (request: KernelRequest<P>) => KernelCalls;
