import type { Aval } from "../core/aval.ts";
import { scalarTypeOf, type Expression } from "../ir/expression.ts";
import { hasEffect } from "../ir/passes/effects.ts";
import type { Params } from "../ir/primitive.ts";
import type { Atom, Equation, Program, Var } from "../ir/program.ts";
import { evaluateExpression } from "../ir/scalar/evaluate.ts";
import { wholeOperand, type Graph, type Node, type Operand, type Value } from "./graph.ts";
import { swappedContractions } from "./swapped-contractions.ts";
import type { PlanFlags } from "./flags.ts";
import { composeViews, isContiguous, type ShapedView } from "./view.ts";

/** Resolves a program's views: what is left are nodes that compute, on views of stored values. */
export function buildGraph(program: Program, flags: PlanFlags): Graph {
  const builder = new GraphBuilder(flags, program);
  for (const equation of program.equations) builder.add(equation);
  return builder.finish(program);
}

class GraphBuilder {
  readonly #flags: PlanFlags;
  readonly #operands = new Map<Var, Operand>();
  readonly #inputs: readonly Value[];
  readonly #nodes: Node[] = [];
  readonly #swapped: ReadonlyMap<Equation, Equation>;

  constructor(flags: PlanFlags, program: Program) {
    this.#flags = flags;
    this.#swapped = flags.foldViews ? swappedContractions(program) : new Map();
    this.#inputs = program.inputs.map(({ aval }, i) => ({ aval, node: -1, name: `input ${i}` }));
    this.#bind(program.inputs, this.#inputs);
  }

  finish(program: Program): Graph {
    const outputs = program.outputs.map((atom) => this.#resolve(atom));
    return { inputs: this.#inputs, nodes: this.#nodes, outputs };
  }

  add(equation: Equation): void {
    const { lower } = equation.primitive;
    if (lower.kind === "view") this.#addView(equation);
    else if (lower.kind === "elementwise") this.#addElementwise(equation);
    else if (lower.kind === "contract") this.#addContraction(equation);
    else this.#bind(equation.outputs, this.#addNode(lower.kind, equation, resultAvals(equation)));
  }

  #resolve(atom: Atom): Operand {
    if (atom.kind === "literal") {
      const type = scalarTypeOf(atom.aval.dtype);
      return { kind: "uniform", number: atom.value, shape: [], type };
    }
    const operand = this.#operands.get(atom);
    if (!operand) throw new Error("the planner met a variable that no equation assigns");
    return operand;
  }

  #bind(variables: readonly Var[], values: readonly Value[]): void {
    values.forEach((value, i) => this.#operands.set(variables[i], wholeOperand(value)));
  }

  #addNode(
    kind: Node["kind"],
    equation: Equation,
    avals: readonly Aval[],
    details: Partial<Pick<Node, "operands" | "expression" | "swapped">> = {},
  ): readonly Value[] {
    const index = this.#nodes.length;
    const name = equationName(equation);
    const results = avals.map((aval): Value => ({ aval, node: index, name }));
    this.#nodes.push({
      index,
      kind,
      equation,
      operands: details.operands ?? equation.inputs.map((atom) => this.#resolve(atom)),
      results,
      expression: details.expression,
      swapped: details.swapped ?? false,
      effect: hasEffect(equation),
      name,
    });
    return results;
  }

  #addView(equation: Equation): void {
    const [result] = equation.outputs;
    // Already the result of the contraction before it, with its operands swapped.
    if (this.#operands.has(result)) return;
    const { lower } = equation.primitive;
    if (lower.kind !== "view") return;
    const view = lower.view(equation.params, equation.inputs[0].aval, result.aval);
    const operand = this.#resolve(equation.inputs[0]);
    const shape = result.aval.shape;
    this.#operands.set(result, this.#viewOf(equation, operand, { shape, ...view }));
  }

  #viewOf(equation: Equation, operand: Operand, view: ShapedView): Operand {
    if (operand.kind === "uniform") return { ...operand, shape: view.shape };
    const composed = composeViews(operand.view, view);
    if (composed && (this.#flags.foldViews || isContiguous(composed))) {
      return { ...operand, view: composed };
    }
    // Without folding every view is copied; with it only those that no strides express.
    const source: Operand = composed ? { ...operand, view: composed } : operand;
    const aval = { ...operand.value.aval, shape: source.view.shape };
    const [copy] = this.#addNode("copy", equation, [aval], { operands: [source] });
    const stored: Operand = { ...wholeOperand(copy), type: operand.type };
    return composed ? stored : { ...stored, view };
  }

  #addElementwise(equation: Equation): void {
    const { lower } = equation.primitive;
    if (lower.kind !== "elementwise") return;
    const operands = equation.inputs.map((atom) => this.#resolve(atom));
    const avals = equation.inputs.map((atom) => atom.aval);
    const expression = lower.expression(equation.params, avals);
    const [result] = equation.outputs;
    const known =
      aliasedOperand(expression, operands, result.aval) ??
      (this.#flags.foldConstants ? uniformResult(expression, operands, result.aval) : undefined);
    if (known) {
      this.#operands.set(result, known);
      return;
    }
    const details = { operands, expression };
    this.#bind([result], this.#addNode("elementwise", equation, [result.aval], details));
  }

  #addContraction(equation: Equation): void {
    const transpose = this.#swapped.get(equation);
    if (!transpose) {
      this.#bind(equation.outputs, this.#addNode("contract", equation, resultAvals(equation)));
      return;
    }
    const avals = resultAvals(transpose);
    this.#bind(transpose.outputs, this.#addNode("contract", equation, avals, { swapped: true }));
  }
}

const resultAvals = ({ outputs }: Equation): readonly Aval[] => outputs.map(({ aval }) => aval);

/** Readable name of an equation: the user's names around it, then that of the function it calls, or the operation's. */
function equationName({ scope, primitive, params }: Equation): string {
  const called = primitive.lower.kind === "control" ? calledFunction(params) : undefined;
  const own = called ?? primitive.name;
  return scope ? `${scope}/${own}` : own;
}

/** The user's name of a function, if it has one. */
function calledFunction(params: Params): string | undefined {
  const { name } = params as { readonly name?: unknown };
  return typeof name === "string" && name !== "anonymous" ? name : undefined;
}

/** Operations that leave the bits alone are no work: their result is the operand. */
function aliasedOperand(
  expression: Expression,
  operands: readonly Operand[],
  result: Aval,
): Operand | undefined {
  if (expression.kind !== "input") return undefined;
  const operand = operands[expression.index];
  return operand.type === scalarTypeOf(result.dtype) ? operand : undefined;
}

/**
 * The same number everywhere when all operands are. Not where it is NaN: which NaN differs between
 * JavaScript and the kernels.
 */
function uniformResult(
  expression: Expression,
  operands: readonly Operand[],
  result: Aval,
): Operand | undefined {
  const numbers = operands.flatMap((operand) =>
    operand.kind === "uniform" ? [operand.number] : [],
  );
  if (numbers.length < operands.length) return undefined;
  const number = evaluateExpression(expression, numbers);
  if (Number.isNaN(number)) return undefined;
  return { kind: "uniform", number, shape: result.shape, type: scalarTypeOf(result.dtype) };
}
