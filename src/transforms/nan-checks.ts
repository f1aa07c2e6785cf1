import { formatAval } from "../core/aval.ts";
import { NonFiniteError } from "../core/errors.ts";
import { isDeviceStorage } from "../core/storage.ts";
import type { Tensor } from "../core/tensor.ts";
import { toHost } from "../core/to-host.ts";
import { controlOf } from "../ir/control.ts";
import { Environment, literalTensor } from "../ir/evaluate.ts";
import type { Params, Primitive } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";

/** One operation of a run that is repeated. */
interface Step {
  /** Its name, behind those of the calls that it is in. */
  readonly where: string;
  readonly operands: readonly Tensor[];
  readonly results: readonly Tensor[];
}

/** A run once more, given its results. */
type Replay = (results: readonly Tensor[]) => Iterable<Step>;

/** Evaluates one operation. */
export type Operation = (
  primitive: Primitive,
  operands: readonly Tensor[],
  params: Params,
) => readonly Tensor[];

/**
 * Looks for NaN and infinity in the results of a run: at once where they can be read at once. On a device
 * the search begins when the run is done; then reads of the results, and of what is computed from them, reject with
 * what was found.
 *
 * @param replay the run once more, operation by operation; it gets the results, read
 * @returns the search, where it is late; it rejects with what it finds
 * @throws NonFiniteError naming the first operation that makes one from finite operands
 */
export function checkResults(
  results: readonly Tensor[],
  replay: Replay,
  where: string,
): Promise<void> | undefined {
  const storages = results.map(({ storage }) => storage).filter(isDeviceStorage);
  if (storages.length === 0) {
    if (results.some(hasNonFinite)) locate(replay(results), where);
    return undefined;
  }
  const check = checkLate(results, replay, where);
  for (const outcome of new Set(storages.map((storage) => storage.outcome))) {
    outcome.require(check);
  }
  return check;
}

const hasNonFinite = (tensor: Tensor): boolean =>
  tensor.dtype === "f32" && !tensor.words().every((x) => Number.isFinite(x));

const isCulprit = ({ operands, results }: Step): boolean =>
  results.some(hasNonFinite) && !operands.some(hasNonFinite);

function locate(steps: Iterable<Step>, where: string): never {
  for (const step of steps) if (isCulprit(step)) throw nonFinite(step);
  throw inArguments(where);
}

/** {@link locate} where elements come late. */
async function checkLate(results: readonly Tensor[], replay: Replay, where: string): Promise<void> {
  // Read before they depend on this check: afterwards they would wait for each other.
  const read = await toHost(results);
  if (!read.some(hasNonFinite)) return;
  for (const step of replay(read)) if (isCulprit(await toHost(step))) throw nonFinite(step);
  throw inArguments(where);
}

const nonFinite = ({ where, results }: Step): NonFiniteError =>
  new NonFiniteError("the result holds NaN or infinity", {
    where,
    got: results.map((result) => formatAval(result.aval)).join(", "),
    fix: "Look at this operation's operands; debug.nans(false) turns the check off.",
  });

const inArguments = (where: string): NonFiniteError =>
  new NonFiniteError("the arguments hold NaN or infinity already", { where });

/** Runs a program operation by operation, those of the programs that it calls as well. */
export function* stepsOf(
  program: Program,
  inputs: readonly Tensor[],
  evaluate: Operation,
  scopes: readonly string[] = [],
): Generator<Step, readonly Tensor[]> {
  const environment = new Environment<Tensor>(literalTensor);
  environment.setAll(program.inputs, inputs);
  for (const equation of program.equations) {
    const { primitive, params, scope } = equation;
    const operands = equation.inputs.map((atom) => environment.get(atom));
    const names = [...scopes, ...(scope ? [scope] : [])];
    const control = controlOf(equation);
    let results: readonly Tensor[];
    if (control?.form === "call") {
      const inner = [...names, control.params.name ?? primitive.name];
      results = yield* stepsOf(control.params.program, operands, evaluate, inner);
    } else {
      results = evaluate(primitive, operands, params);
      yield { where: [...names, primitive.name].join("/"), operands, results };
    }
    environment.setAll(equation.outputs, results);
  }
  return program.outputs.map((atom) => environment.get(atom));
}
