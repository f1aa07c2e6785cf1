import type { Tensor } from "../core/tensor.ts";
import type { ControlForm } from "./lowering.ts";
import type { Params, Primitive } from "./primitive.ts";
import type { Program } from "./program.ts";

/**
 * Operands are the program's inputs. Custom derivatives and checkpoints have this form too: `program` is what runs when nobody
 * differentiates.
 */
export interface CallForm {
  readonly program: Program;
  /** The user's name of the function. */
  readonly name?: string;
  /** Operands whose storage the call may reuse. */
  readonly donated?: readonly boolean[];
  /** Donated operands may be destroyed by a call that fails. */
  readonly overwrite?: boolean;
}

/** The body maps (consts, carry, x) to (carry, y); operands are consts, carry, xs (with a leading axis of `length`), results carry, ys. */
export interface ScanForm {
  readonly body: Program;
  readonly length: number;
  /** Iterate from the last x to the first; ys keep the order of xs. */
  readonly reverse: boolean;
  readonly numConsts: number;
  readonly numCarry: number;
}

/** Operands are an i32 index (clamped) and the branches' inputs. */
export interface CondForm {
  readonly branches: readonly Program[];
}

/** Operands are condition consts, body consts, carry; the condition gives one bool, the body the next carry. */
export interface WhileForm {
  readonly condition: Program;
  readonly body: Program;
  readonly numConditionConsts: number;
  readonly numBodyConsts: number;
}

/** An effect on the host (debug.print); no results. */
export interface HostForm {
  readonly run: (tensors: readonly Tensor[]) => void;
}

/** The params of control operations by their form. */
export interface ControlForms extends Record<ControlForm, object> {
  readonly call: CallForm;
  readonly scan: ScanForm;
  readonly cond: CondForm;
  readonly while: WhileForm;
  readonly host: HostForm;
}

/** A form with its params. */
export type Control = {
  [Form in ControlForm]: { readonly form: Form; readonly params: ControlForms[Form] };
}[ControlForm];

/** What a control operation does; undefined for every other one. */
export function controlOf(equation: {
  readonly primitive: Primitive;
  readonly params: Params;
}): Control | undefined {
  const { lower } = equation.primitive;
  if (lower.kind !== "control") return undefined;
  // A record of that form takes the params of that form: `definePrimitive` checks where it is made.
  return { form: lower.form, params: equation.params } as Control;
}
