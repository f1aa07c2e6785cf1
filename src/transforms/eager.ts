import { Tensor } from "../core/tensor.ts";
import { formatAval } from "../core/aval.ts";
import { NonFiniteError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import { currentBackend, type Backend, type Executable } from "../ir/backend.ts";
import { escapedTracer } from "../ir/builder.ts";
import { Environment, literalTensor } from "../ir/evaluate.ts";
import { installEvaluator, type Interpreter } from "../ir/interpreter.ts";
import { operationKey, programKey } from "../ir/key.ts";
import { controlOf } from "../ir/control.ts";
import type { Params, Primitive } from "../ir/primitive.ts";
import { newVar, type Program } from "../ir/program.ts";
import { LruCache } from "./lru-cache.ts";

const capacity = 1024;
let executables = new WeakMap<Backend, LruCache<Executable>>();
let nanChecks = false;

/** Forgets every compiled program. */
export function clearExecutables(): void {
  executables = new WeakMap();
}

/** Turns the search for NaNs and infinities after every call on or off; see `debug.nans`. */
export function setNanChecks(enabled: boolean): void {
  nanChecks = enabled;
}

function cached(key: string, makeProgram: () => Program): Executable {
  const backend = currentBackend();
  const cache = executables.get(backend) ?? new LruCache<Executable>(capacity);
  executables.set(backend, cache);
  return cache.getOrCreate(key, () => backend.compile(makeProgram()));
}

/** The executable of a program on the current backend, by structural equality. */
export const executableOf = (program: Program): Executable =>
  cached(programKey(program), () => program);

/** Runs a whole program on concrete tensors. */
export function runProgram(
  program: Program,
  inputs: readonly Value[],
  donated: readonly boolean[],
  where: string,
): readonly Tensor[] {
  const tensors = inputs.map(concrete);
  const outputs = executableOf(program).run(tensors, donated, where);
  if (nanChecks && outputs.some(hasNonFinite)) locateNonFinite(program, tensors, where);
  return outputs;
}

function concrete(value: Value): Tensor {
  if (value instanceof Tensor) return value;
  throw escapedTracer(value);
}

/** Evaluates at once: a `call` as one compiled program, any other operation as a program of its own. */
const evaluator: Interpreter = {
  name: "evaluate",
  bind: (primitive, operands, params) => {
    const control = controlOf({ primitive, params });
    if (control?.form === "call") {
      const { program, donated, name } = control.params;
      return runProgram(program, operands, donated ?? [], name ?? primitive.name);
    }
    const tensors = operands.map(concrete);
    const avals = tensors.map((tensor) => tensor.aval);
    const key = operationKey(primitive, avals, params);
    const executable = cached(key, () => singleEquation(primitive, tensors, params));
    const outputs = executable.run(tensors, [], primitive.name);
    if (nanChecks && outputs.some(hasNonFinite)) throw nonFinite(primitive.name, "", outputs);
    return outputs;
  },
};

installEvaluator(evaluator);

function singleEquation(primitive: Primitive, operands: readonly Value[], params: Params): Program {
  const inputs = operands.map((operand) => newVar(operand.aval));
  const outputs = primitive
    .abstractEval(
      inputs.map((variable) => variable.aval),
      params,
    )
    .map(newVar);
  return { inputs, equations: [{ primitive, inputs, outputs, params, scope: "" }], outputs };
}

const hasNonFinite = (tensor: Tensor): boolean =>
  tensor.dtype === "f32" && !tensor.words().every((x) => Number.isFinite(x));

/** Replays a program operation by operation to name the one that first makes a NaN or infinity. */
function locateNonFinite(program: Program, inputs: readonly Tensor[], where: string): void {
  const environment = new Environment<Value>(literalTensor);
  environment.setAll(program.inputs, inputs);
  for (const { primitive, inputs: atoms, outputs, params, scope } of program.equations) {
    const operands = atoms.map((atom) => environment.get(atom));
    const results = evaluator.bind(primitive, operands, params);
    const bad = results.filter(
      (result): result is Tensor => result instanceof Tensor && hasNonFinite(result),
    );
    if (bad.length > 0 && operands.every((operand) => !hasNonFinite(concrete(operand)))) {
      throw nonFinite(primitive.name, scope, bad);
    }
    environment.setAll(outputs, results);
  }
  throw new NonFiniteError("the arguments hold NaN or infinity already", { where });
}

const nonFinite = (name: string, scope: string, results: readonly Tensor[]): NonFiniteError =>
  new NonFiniteError("the result holds NaN or infinity", {
    where: scope ? `${scope}/${name}` : name,
    got: results.map((result) => formatAval(result.aval)).join(", "),
    fix: "Look at this operation's operands; debug.nans(false) turns the check off.",
  });
