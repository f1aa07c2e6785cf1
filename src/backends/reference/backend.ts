import { sizeOf } from "../../core/shape.ts";
import type { Aval } from "../../core/aval.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Backend, ExecutableReport } from "../../ir/backend.ts";
import { printProgram } from "../../ir/print.ts";
import type { ReferenceArray } from "../../ir/primitive.ts";
import type { Program } from "../../ir/program.ts";
import { interpret } from "./interpret.ts";

/** A plain interpreter of programs: one operation after the other, each in its plain meaning. */
export const createReferenceBackend = (): Backend => ({
  name: "reference",
  compile: (program) => ({
    report: reportOf(program),
    run: (inputs) => {
      const operands = inputs.map((tensor): ReferenceArray => ({ aval: tensor.aval, words: tensor.words() }));
      return interpret(program, operands).map(({ aval, words }) => new Tensor(aval, words.slice()));
    },
  }),
});

const bytesOf = (avals: readonly Aval[]): number =>
  avals.reduce((sum, aval) => sum + 4 * sizeOf(aval.shape), 0);

/** Nothing is planned: every value exists until the end. */
function reportOf(program: Program): ExecutableReport {
  const values = [...program.inputs, ...program.equations.flatMap((equation) => equation.outputs)];
  const bytes = bytesOf(values.map((variable) => variable.aval));
  const largest = program.equations
    .map(({ primitive, outputs, scope }) => ({
      name: scope ? `${scope}/${primitive.name}` : primitive.name,
      bytes: bytesOf(outputs.map((variable) => variable.aval)),
    }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 10);
  return { backend: "reference", plan: printProgram(program), flops: 0, bytes, peakBytes: bytes, largest };
}
