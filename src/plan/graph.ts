import type { Aval } from "../core/aval.ts";
import type { Shape } from "../core/shape.ts";
import { scalarTypeOf, type Expression, type ScalarType } from "../ir/expression.ts";
import { floatBits } from "../ir/lowering.ts";
import { hasEffect } from "../ir/passes/effects.ts";
import type { Atom, Equation, Program, Var } from "../ir/program.ts";
import type { PlanFlags } from "./target.ts";
import { composeViews, isContiguous, wholeView, type ShapedView } from "./view.ts";

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
  readonly kind: "elementwise" | "copy" | "reduce" | "contract" | "kernel" | "control";
  readonly equation: Equation;
  readonly operands: readonly Operand[];
  readonly results: readonly Value[];
  /** Of elementwise nodes: the element of the result from those of the operands. */
  readonly expression: Expression | undefined;
  readonly effect: boolean;
  readonly name: string;
}

/** A program with its views resolved. */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Operand[];
}

/** Readable name of an equation: the user's names around it, then the operation's. */
export const equationName = ({ scope, primitive }: Equation): string =>
  scope ? `${scope}/${primitive.name}` : primitive.name;

export function buildGraph(program: Program, flags: PlanFlags): Graph {
  const operands = new Map<Var, Operand>();
  const nodes: Node[] = [];
  const resolve = (atom: Atom): Operand =>
    atom.kind === "literal"
      ? { kind: "uniform", number: atom.value, shape: [], type: scalarTypeOf(atom.aval.dtype) }
      : (operands.get(atom) ?? unassigned());

  const addNode = (
    kind: Node["kind"],
    equation: Equation,
    inputs: readonly Operand[],
    avals: readonly Aval[],
    expression?: Expression,
  ): readonly Value[] => {
    const name = equationName(equation);
    const results = avals.map((aval): Value => ({ aval, node: nodes.length, name }));
    nodes.push({
      index: nodes.length,
      kind,
      equation,
      operands: inputs,
      results,
      expression,
      effect: hasEffect(equation),
      name,
    });
    return results;
  };

  const viewOf = (equation: Equation, operand: Operand, view: ShapedView): Operand => {
    if (operand.kind === "uniform") return { ...operand, shape: view.shape };
    const composed = composeViews(operand.view, view);
    if (composed && (flags.foldViews || isContiguous(composed))) {
      return { ...operand, view: composed };
    }
    // Without folding every view is copied; with it only those that no strides express.
    const source: Operand = composed ? { ...operand, view: composed } : operand;
    const aval = { ...operand.value.aval, shape: source.view.shape };
    const [copy] = addNode("copy", equation, [source], [aval]);
    const stored: Operand = { ...whole(copy), type: operand.type };
    return composed ? stored : { ...stored, view };
  };

  const inputs = program.inputs.map((variable, i): Value => {
    const value = { aval: variable.aval, node: -1, name: `input ${i}` };
    operands.set(variable, whole(value));
    return value;
  });
  for (const equation of program.equations) {
    const { primitive, params, outputs } = equation;
    const { lower } = primitive;
    const inputs = equation.inputs.map(resolve);
    const inputAvals = equation.inputs.map((atom) => atom.aval);
    const outputAvals = outputs.map((variable) => variable.aval);
    if (lower.kind === "view") {
      const view = lower.view(params, inputAvals[0], outputAvals[0]);
      operands.set(
        outputs[0],
        viewOf(equation, inputs[0], { shape: outputAvals[0].shape, ...view }),
      );
      continue;
    }
    if (lower.kind === "elementwise") {
      const expression = lower.expression(params, inputAvals);
      const alias = trivialResult(expression, inputs, outputAvals[0]);
      if (alias) {
        operands.set(outputs[0], alias);
        continue;
      }
      const [value] = addNode("elementwise", equation, inputs, outputAvals, expression);
      operands.set(outputs[0], whole(value));
      continue;
    }
    const results = addNode(lower.kind, equation, inputs, outputAvals);
    results.forEach((value, i) => operands.set(outputs[i], whole(value)));
  }
  return { inputs, nodes, outputs: program.outputs.map(resolve) };
}

const whole = (value: Value): ViewOperand => ({
  kind: "view",
  value,
  view: wholeView(value.aval.shape),
  type: scalarTypeOf(value.aval.dtype),
});

/** Operations that leave the bits alone are no work: their result is the operand. */
function trivialResult(
  expression: Expression,
  operands: readonly Operand[],
  result: Aval,
): Operand | undefined {
  if (expression.kind === "constant") {
    const { value, type } = expression;
    return { kind: "uniform", number: value, shape: result.shape, type };
  }
  if (expression.kind !== "input") return undefined;
  const operand = operands[expression.index];
  return operand.type === scalarTypeOf(result.dtype) ? operand : undefined;
}

function unassigned(): never {
  throw new Error("the planner met a variable that no equation assigns");
}

/** The word that stores a number of the given type. */
export const wordOf = (number: number, type: ScalarType): number =>
  type === "f32" ? floatBits(number) : number | 0;

/** Number of 32-bit words of an array. */
export const wordsOfAval = (aval: Aval): number =>
  aval.shape.reduce((product, n) => product * n, 1);
