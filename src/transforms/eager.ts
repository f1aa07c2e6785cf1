import { releaseStorage } from "../core/release.ts";
import { outsideOfScopes } from "../core/scope-stack.ts";
import { isDeviceStorage } from "../core/storage.ts";
import { Tensor } from "../core/tensor.ts";
import { Tracer, type Value } from "../core/value.ts";
import {
  currentBackend,
  type Backend,
  type CompileOptions,
  type Executable,
} from "../ir/backend.ts";
import { escapedTracer, notAnOperand } from "../ir/builder.ts";
import { installEvaluator, type Interpreter } from "../ir/interpreter.ts";
import { operationKey, programKey } from "../ir/key.ts";
import { controlOf } from "../ir/control.ts";
import type { Params, Primitive } from "../ir/primitive.ts";
import { newVar, type Program } from "../ir/program.ts";
import { LruCache } from "./lru-cache.ts";
import { checkResults, stepsOf, type Operation } from "./nan-checks.ts";

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

function cached(
  backend: Backend,
  key: string,
  makeProgram: () => Program,
  options?: CompileOptions,
): Executable {
  const cache = executables.get(backend) ?? new LruCache<Executable>(capacity);
  executables.set(backend, cache);
  return cache.getOrCreate(key, () => backend.compile(makeProgram(), options));
}

const compiled = (backend: Backend, program: Program, overwrite = false): Executable =>
  cached(backend, `${overwrite ? "overwriting " : ""}${programKey(program)}`, () => program, {
    overwrite,
  });

/** The executable of a program on the current backend, by structural equality. */
export const executableOf = (program: Program, overwrite = false): Executable =>
  compiled(currentBackend(), program, overwrite);

/** Runs a whole program on concrete tensors. */
export function runProgram(
  program: Program,
  inputs: readonly Value[],
  donated: readonly boolean[],
  where: string,
  overwrite = false,
): readonly Tensor[] {
  const tensors = inputs.map((value) => concrete(value, where));
  if (nanChecks) return runChecked(currentBackend(), program, tensors, donated, where);
  return executableOf(program, overwrite).run(tensors, donated, where);
}

/** The inputs are kept until the results are known to be finite: they may be needed once more. */
function runChecked(
  backend: Backend,
  program: Program,
  inputs: readonly Tensor[],
  donated: readonly boolean[],
  where: string,
): readonly Tensor[] {
  const outputs = compiled(backend, program).run(inputs, [], where);
  const { kept, end } = keptUntilChecked(inputs);
  const evaluate: Operation = (...operation) => runOperation(backend, ...operation);
  void checkResults(outputs, () => stepsOf(program, kept, evaluate), where)?.then(end, end);
  inputs.forEach((tensor, i) => {
    if (donated[i] && !tensor.isDonated) releaseStorage(tensor.donate(where));
  });
  return outputs;
}

/** The inputs once more, whatever becomes of them, until `end`. */
function keptUntilChecked(inputs: readonly Tensor[]): {
  readonly kept: readonly Tensor[];
  readonly end: () => void;
} {
  const holds = inputs.flatMap(({ storage }) => (isDeviceStorage(storage) ? [storage.hold()] : []));
  return {
    kept: outsideOfScopes(() => inputs.map(({ aval, storage }) => new Tensor(aval, storage))),
    end: () => holds.forEach((release) => release()),
  };
}

function runOperation(
  backend: Backend,
  primitive: Primitive,
  operands: readonly Tensor[],
  params: Params,
): readonly Tensor[] {
  const avals = operands.map(({ aval }) => aval);
  const key = operationKey(primitive, avals, params);
  const executable = cached(backend, key, () => singleEquation(primitive, operands, params));
  return executable.run(operands, [], primitive.name);
}

function concrete(value: Value, where: string): Tensor {
  if (value instanceof Tensor) return value;
  throw value instanceof Tracer ? escapedTracer(value) : notAnOperand(value, where);
}

/** Evaluates at once: a `call` as one compiled program, any other operation as a program of its own. */
const evaluator: Interpreter = {
  name: "evaluate",
  bind: (primitive, values, params) => {
    const control = controlOf({ primitive, params });
    if (control?.form === "call") {
      const { program, donated, name, overwrite } = control.params;
      return runProgram(program, values, donated ?? [], name ?? primitive.name, overwrite);
    }
    const outputs = runOperation(
      currentBackend(),
      primitive,
      values.map((value) => concrete(value, primitive.name)),
      params,
    );
    if (nanChecks) {
      const where = primitive.name;
      void checkResults(outputs, (results) => [{ where, operands: [], results }], where);
    }
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
