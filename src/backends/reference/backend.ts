import { formatAvals, sameArrayType } from "../../core/aval.ts";
import { BackendError } from "../../core/errors.ts";
import { releaseStorage } from "../../core/release.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Backend, Executable } from "../../ir/backend.ts";
import { Lifetime } from "../../ir/lifetime.ts";
import type { Program } from "../../ir/program.ts";
import { interpret } from "./interpret.ts";
import { reportOf } from "./report.ts";

/**
 * A plain interpreter of programs: one operation after the other, each in its plain meaning. Slow and
 * obviously right: what other backends are compared with.
 *
 * @example
 * import { createReferenceBackend } from "reformax/backends/reference";
 * console.log(createReferenceBackend().name); // => reference
 */
export const createReferenceBackend = (): Backend => {
  const name = "reference";
  const lifetime = new Lifetime(name);
  return {
    name,
    threads: { count: 1 },
    lost: lifetime.lost,
    compile: (program) => {
      lifetime.check("compile");
      return {
        report: reportOf(program),
        run: (inputs, donated, where) => {
          lifetime.check(where);
          return run(program, inputs, donated, where);
        },
      };
    },
    synchronize: async () => lifetime.check("synchronize"),
    dispose: async () => lifetime.dispose(),
  };
};

const run: (program: Program, ...args: Parameters<Executable["run"]>) => readonly Tensor[] = (
  program,
  inputs,
  donated,
  where,
) => {
  checkInputs(program, inputs, where);
  const operands = inputs.map((tensor) => ({ aval: tensor.aval, words: tensor.words(where) }));
  // Copies: a result may be an operand itself, or share a row of one.
  const results = interpret(program, operands).map(
    ({ aval, words }) => new Tensor(aval, words.slice()),
  );
  inputs.forEach((tensor, i) => {
    if (donated[i] && !tensor.isDonated) releaseStorage(tensor.donate(where));
  });
  return results;
};

function checkInputs(program: Program, inputs: readonly Tensor[], where: string): void {
  const expected = program.inputs.map((variable) => variable.aval);
  const got = inputs.map((tensor) => tensor.aval);
  if (got.length === expected.length && got.every((aval, i) => sameArrayType(aval, expected[i])))
    return;
  throw new BackendError("the inputs are not those of the compiled program", {
    where,
    expected: formatAvals(expected),
    got: formatAvals(got),
  });
}
