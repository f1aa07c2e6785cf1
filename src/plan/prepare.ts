import { stageClosed } from "../ir/builder.ts";
import { controlOf } from "../ir/control.ts";
import { operationKey } from "../ir/key.ts";
import { eliminateCommonSubexpressions } from "../ir/passes/cse.ts";
import { forwardResults } from "../ir/passes/forward.ts";
import { inlineEquations } from "../ir/passes/inline.ts";
import { eliminateDeadResults } from "../ir/passes/narrow.ts";
import type { Equation, Program } from "../ir/program.ts";
import type { PlanContext } from "./context.ts";

/** Calls of programs with at most so many equations become part of the caller. */
const tinyProgram = 4;

/** Passes over a program before it is compiled; none changes a bit of a result. */
export function prepareProgram(context: PlanContext, program: Program): Program {
  const staged = new Map<string, Program>();
  const bodyOf = (equation: Equation): Program | undefined =>
    tinyCallee(context, equation) ?? decomposition(context, equation, staged);
  const inlined = inlineEquations(eliminateDeadResults(forwardResults(program)), bodyOf);
  const shared = context.flags.cse ? eliminateCommonSubexpressions(inlined) : inlined;
  return shared === program ? program : eliminateDeadResults(shared);
}

function tinyCallee(context: PlanContext, equation: Equation): Program | undefined {
  if (!context.flags.inline) return undefined;
  const program = inlinableCallee(equation);
  return program && inlinedSize(program) <= tinyProgram ? program : undefined;
}

function inlinableCallee(equation: Equation): Program | undefined {
  const control = controlOf(equation);
  const { lower } = equation.primitive;
  const isCall = control?.form === "call" && lower.kind === "control" && lower.inline !== false;
  return isCall ? control.params.program : undefined;
}

/** Equations of a program when the calls in it are inlined too; infinite where something else than a call enters programs. */
function inlinedSize({ equations }: Program): number {
  return equations.reduce((sum, inner) => {
    const callee = inlinableCallee(inner);
    if (callee) return sum + inlinedSize(callee);
    return inner.primitive.lower.kind === "control" ? Infinity : sum + 1;
  }, 0);
}

/** A fused kernel that the target lacks, in simpler operations. */
function decomposition(
  context: PlanContext,
  { primitive, params, inputs }: Equation,
  staged: Map<string, Program>,
): Program | undefined {
  const { lower, decompose } = primitive;
  if (lower.kind !== "kernel" || !decompose || context.target.kernels.has(primitive.name)) {
    return undefined;
  }
  const avals = inputs.map((atom) => atom.aval);
  const key = operationKey(primitive, avals, params);
  const known = staged.get(key);
  if (known) return known;
  const program = stageClosed((...values) => decompose(values, params), avals);
  staged.set(key, program);
  return program;
}
