import type { Program } from "../ir/program.ts";
import type { Value } from "../core/value.ts";

/** The body maps (consts, carry, x) to (carry, y); operands are consts, carry, xs. */
export interface ScanParams {
  readonly body: Program;
  readonly length: number;
  /** Iterate from the last x to the first; ys keep the order of xs. */
  readonly reverse: boolean;
  readonly numConsts: number;
  readonly numCarry: number;
}

/** Binds another scan: handed to the rules so that they need not import the primitive. */
export type BindScan = (operands: readonly Value[], params: ScanParams) => readonly Value[];
