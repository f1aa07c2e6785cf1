import type { Aval } from "../../core/aval.ts";
import { sizeOf } from "../../core/shape.ts";
import { controlOf } from "../../ir/control.ts";
import type { ExecutableReport } from "../../ir/backend.ts";
import { printProgram } from "../../ir/print.ts";
import { subPrograms, type Equation, type Program } from "../../ir/program.ts";

const mostListed = 10;

/** Nothing is planned or reused: every value exists until its program ends. */
export function reportOf(program: Program): ExecutableReport {
  const largest = program.equations
    .map(({ primitive, outputs, scope }) => ({
      name: scope ? `${scope}/${primitive.name}` : primitive.name,
      bytes: bytesOf(outputs.map((variable) => variable.aval)),
    }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, mostListed);
  return {
    backend: "reference",
    get plan() {
      return printProgram(program);
    },
    flops: total(program, equationFlops),
    bytes: total(program, equationBytes),
    peakBytes: peakOf(program),
    hostBytes: 0,
    largest,
  };
}

const bytesOf = (avals: readonly Aval[]): number =>
  avals.reduce((sum, aval) => sum + 4 * sizeOf(aval.shape), 0);

/** Sum over all equations that run; a branch counts when it is the costliest, a while body once. */
function total(program: Program, cost: (equation: Equation) => number): number {
  return program.equations.reduce((sum, equation) => {
    const inner = subPrograms(equation.params).map(([, each]) => total(each, cost));
    return sum + (inner.length > 0 ? runsOf(equation, inner) : cost(equation));
  }, 0);
}

function runsOf(equation: Equation, inner: readonly number[]): number {
  const control = controlOf(equation);
  if (control?.form === "scan") return inner[0] * control.params.length;
  return control?.form === "while" ? inner.reduce((a, b) => a + b, 0) : Math.max(...inner);
}

const equationBytes = ({ inputs, outputs }: Equation): number =>
  bytesOf([...inputs, ...outputs].map((atom) => atom.aval));

/** One per element computed or combined; two per product of a contraction. */
function equationFlops({ primitive, params, inputs, outputs }: Equation): number {
  const computed = outputs.reduce((sum, variable) => sum + sizeOf(variable.aval.shape), 0);
  const { lower } = primitive;
  if (lower.kind === "view") return 0;
  if (lower.kind === "reduce") return sizeOf(inputs[0].aval.shape);
  if (lower.kind !== "contract") return computed;
  const { shape } = inputs[0].aval;
  return 2 * computed * sizeOf(lower.spec(params).lhsContract.map((axis) => shape[axis]));
}

/** Bytes of all values at once, and of those of the largest sub-program while it runs. */
function peakOf(program: Program): number {
  const values = [...program.inputs, ...program.equations.flatMap((equation) => equation.outputs)];
  const inner = program.equations.flatMap((equation) =>
    subPrograms(equation.params).map(([, each]) => peakOf(each)),
  );
  return bytesOf(values.map((variable) => variable.aval)) + Math.max(0, ...inner);
}
