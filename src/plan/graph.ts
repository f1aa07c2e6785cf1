import type { Aval } from "../core/aval.ts";
import { bytesPerElement, floatBits } from "../core/dtype.ts";
import { sizeOf, type Shape } from "../core/shape.ts";
import { scalarTypeOf, type Expression, type ScalarType } from "../ir/expression.ts";
import type { Equation } from "../ir/program.ts";
import { wholeView, type ShapedView } from "./view.ts";

/** What an operand is: a view of a stored value, or one number everywhere. */
export type Operand = ViewOperand | UniformOperand;

export interface ViewOperand {
  readonly kind: "view";
  readonly value: Value;
  readonly view: ShapedView;
  readonly type: ScalarType;
}

export interface UniformOperand {
  readonly kind: "uniform";
  readonly number: number;
  readonly shape: Shape;
  readonly type: ScalarType;
}

/** An array that is stored row-major if it is stored at all: an input, or a result of a node. */
export interface Value {
  readonly aval: Aval;
  /** Index of the node that computes it; -1 for inputs of the program. */
  readonly node: number;
  /** User's names, for reports. */
  readonly name: string;
}

/** A unit of work: an equation, or a copy of a view that its consumers cannot read in place. */
export interface Node {
  readonly index: number;
  readonly kind:
    "elementwise" | "copy" | "reduce" | "contract" | "kernel" | "assemble" | "offload" | "control";
  readonly equation: Equation;
  readonly operands: readonly Operand[];
  readonly results: readonly Value[];
  /** Of elementwise nodes: the element of the result from those of the operands. */
  readonly expression: Expression | undefined;
  /** Of contractions: the operands change places, so that the right free axes come first. */
  readonly swapped: boolean;
  readonly effect: boolean;
  readonly name: string;
}

/** A program with its views resolved. */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Operand[];
}

/** All elements of a value in order. */
export const wholeOperand = (value: Value): ViewOperand => ({
  kind: "view",
  value,
  view: wholeView(value.aval.shape),
  type: scalarTypeOf(value.aval.dtype),
});

/** The word that stores a number of the given type. */
export const wordOf = (number: number, type: ScalarType): number =>
  type === "f32" ? floatBits(number) : number | 0;

/** The shape of an operand's elements. */
export const shapeOf = (operand: Operand): Shape =>
  operand.kind === "view" ? operand.view.shape : operand.shape;

/** Bytes of an operand's elements when they lie one after the other. */
export const operandBytes = (operand: Operand): number =>
  sizeOf(shapeOf(operand)) * bytesPerElement(operand.type);
