import { checkOptions } from "../core/arguments.ts";
import { formatAval, type Aval } from "../core/aval.ts";
import { keepArrays } from "../core/scope-stack.ts";
import { Tensor } from "../core/tensor.ts";
import { paths, unflatten, type TreeDef } from "../core/tree.ts";
import { Tracer, type Value } from "../core/value.ts";
import type { Executable } from "../ir/backend.ts";
import { stage, type ClosedProgram } from "../ir/builder.ts";
import { bind } from "../ir/interpreter.ts";
import { eliminateDeadCode } from "../ir/passes/dce.ts";
import type { Program } from "../ir/program.ts";
import { call, type CallParams } from "./call.ts";
import { clearExecutables, executableOf } from "./eager.ts";
import { flattenArguments, flattenFunction, calleeOf, type Callee } from "./flat-function.ts";
import { argumentPositions } from "./argument-positions.ts";
import { LruCache } from "./lru-cache.ts";
import { staticKey } from "./static-key.ts";
import { forgetPrograms } from "./shared-program.ts";

export interface JitOptions {
  /** Positions of static arguments (negative: from the end): any JavaScript values; a new value traces anew. */
  readonly staticArgnums?: readonly number[];
  /** Positions of arguments (negative: from the end) whose storage the result may reuse; they are dead afterwards. */
  readonly donateArgnums?: readonly number[];
  /**
   * Donated arguments may be overwritten while the call runs, so that a large state is updated in place instead of beside itself. A
   * call that fails on the way has destroyed them: whoever needs them after an error says false, the default.
   */
  readonly overwrite?: boolean;
  /** Name in plans and messages; default is the function's own. */
  readonly name?: string;
}

/** What `jit(f).lower(...args)` tells, without running anything. */
export interface Lowered extends Pick<Executable, "report"> {
  readonly program: Program;
}

export interface Jitted<Args extends readonly unknown[] = readonly Value[], Result = Value> {
  (...args: Args): Result;
  /** The traced program and what its compiled plan will need. */
  lower(...args: Args): Lowered;
  /** Number of traces that are kept. */
  cacheSize(): number;
  clearCache(): void;
}

interface Trace extends ClosedProgram {
  /** Of the arguments. Kept because the trace is found by its id, which it has as long as somebody holds it. */
  readonly structure: TreeDef;
  readonly resultStructure: TreeDef;
  /** Parameters of the `call` that runs it: nothing is worked out per call. */
  readonly params: CallParams;
  /** It closes over values of an outer trace, which are others at the next call. */
  readonly isOpen: boolean;
}

interface TracedCall {
  readonly trace: Trace;
  readonly inputs: readonly Value[];
  /** The arguments that are no statics: those that have the inputs. */
  readonly dynamic: readonly unknown[];
}

const tracesPerFunction = 64;
const allTraces = new Set<WeakRef<LruCache<Trace>>>();

/**
 * Compiles `f` as a whole: traced once for each combination of tree structures, shapes, dtypes and
 * static values, then run as one plan. As `jax.jit`.
 *
 * @throws ReformaxError when a static or donated position is no argument, or one is both
 * @example
 * import { jit } from "reformax";
 * import { add, array, mul } from "reformax/numpy";
 * const f = jit((x, y) => add(mul(x, y), 1));
 * console.log(f(array(2), array(3)).item(), f.cacheSize()); // => 7 1
 */
export function jit<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  options: JitOptions = {},
): Jitted<Args, Result> {
  checkOptions(
    options,
    { staticArgnums: "list", donateArgnums: "list", overwrite: "flag", name: "text" },
    "jit",
  );
  const own = calleeOf(f, "jit");
  const callee =
    options.name === undefined ? own : { name: options.name, where: `jit of ${options.name}` };
  const positions = argumentPositions(options, callee.where);
  const traces = new LruCache<Trace>(tracesPerFunction);
  allTraces.add(new WeakRef(traces));

  const traceCall = (args: readonly unknown[]): TracedCall => {
    const { statics, donate } = positions(args.length);
    const dynamic = statics.size === 0 ? args : args.filter((_, i) => !statics.has(i));
    const { leaves: inputs, structure } = flattenArguments(dynamic, callee.where);
    const staticValues = args.filter((_, i) => statics.has(i));
    const key = traceKey(
      structure,
      inputs,
      args.length,
      staticValues.length === 0 ? "" : staticKey(staticValues, callee.where),
    );
    const create = (): Trace => {
      const dynamicPositions = [...args.keys()].filter((i) => !statics.has(i));
      const donated = structure.children.flatMap(({ leafCount }, i) =>
        new Array<boolean>(leafCount).fill(donate.has(dynamicPositions[i])),
      );
      const avals = inputs.map((input) => input.aval);
      const uses = { donated, overwrite: options.overwrite ?? false };
      return traceFunction(withStatics(f, args, statics), structure, avals, callee, uses);
    };
    const trace = traces.getOrCreate(key, create);
    return { trace: trace.isOpen ? create() : trace, inputs, dynamic };
  };

  const jitted = (...args: Args): Result => {
    const { trace, inputs, dynamic } = traceCall(args);
    const { captured, resultStructure, params } = trace;
    checkPresent(inputs, dynamic);
    const operands = captured.length === 0 ? inputs : [...captured, ...inputs];
    return unflatten<Result>(resultStructure, bind(call, operands, params));
  };
  return Object.assign(jitted, {
    lower: (...args: Args): Lowered => {
      const { program, params } = traceCall(args).trace;
      return { program, report: executableOf(program, params.overwrite).report };
    },
    cacheSize: () => traces.size,
    clearCache: () => traces.clear(),
  });
}

/** @throws ReformaxError that names the first argument whose elements are gone */
function checkPresent(inputs: readonly Value[], dynamic: readonly unknown[]): void {
  inputs.forEach((input, i) => {
    if (input instanceof Tensor && input.isReleased)
      throw input.goneError(`argument ${paths(dynamic)[i]}`);
  });
}

/** Forgets all traces, recorded and compiled programs. */
export function clearCaches(): void {
  for (const reference of allTraces) reference.deref()?.clear();
  clearExecutables();
  forgetPrograms();
}

/** Tells apart whatever `f` may be traced differently for. */
function traceKey(
  structure: TreeDef,
  inputs: readonly Value[],
  count: number,
  statics: string,
): string {
  let key = `${structure.id}/${count}${statics}`;
  for (const { aval } of inputs) key += formatAval(aval);
  return key;
}

/** What a call may do with its arguments' storage. */
interface ArgumentUses {
  readonly donated: readonly boolean[];
  readonly overwrite: boolean;
}

function traceFunction(
  f: (...args: never[]) => unknown,
  structure: TreeDef,
  avals: readonly Aval[],
  { name, where }: Callee,
  { donated, overwrite }: ArgumentUses = { donated: [], overwrite: false },
): Trace {
  const flat = flattenFunction(f, structure, where);
  const { program: staged, captured } = stage(flat.call, avals);
  const program = eliminateDeadCode(staged);
  // The trace is kept, and they with it.
  keepArrays(captured.filter((value) => value instanceof Tensor));
  return {
    program,
    captured,
    structure,
    resultStructure: flat.resultStructure(),
    params: donated.some(Boolean)
      ? {
          program,
          name,
          donated: [...captured.map(() => false), ...donated],
          ...(overwrite && { overwrite }),
        }
      : { program, name },
    isOpen: captured.some((value) => value instanceof Tracer),
  };
}

/** `f` as a function of its dynamic arguments. */
function withStatics<Args extends readonly unknown[] = readonly Value[]>(
  f: (...args: Args) => unknown,
  args: readonly unknown[],
  statics: ReadonlySet<number>,
): (...dynamic: never[]) => unknown {
  if (statics.size === 0) return f;
  return (...dynamic) => {
    const rest: unknown[] = [...dynamic];
    const all = args.map((arg, i) => (statics.has(i) ? arg : rest.shift()));
    return (f as unknown as (...all: readonly unknown[]) => unknown)(...all);
  };
}

/**
 * The traced program of `f` at the given arguments, for reading and printing. As `jax.make_jaxpr`.
 *
 * @example
 * import { makeProgram } from "reformax";
 * import { array, add } from "reformax/numpy";
 * console.log(makeProgram((x) => add(x, 1))(array([1, 2])).outputs.length); // => 1
 */
export const makeProgram = <Args extends readonly unknown[] = readonly Value[]>(
  f: (...args: Args) => unknown,
): ((...args: Args) => Program) => {
  const callee = calleeOf(f, "makeProgram");
  return (...args) => {
    const { leaves, structure } = flattenArguments(args, callee.where);
    const avals = leaves.map((leaf) => leaf.aval);
    return traceFunction(f, structure, avals, callee).program;
  };
};

/**
 * Shapes and dtypes of `f`'s result, without computing anything. Arguments may be arrays or
 * anything with an `aval`. As `jax.eval_shape`.
 *
 * @example
 * import { evalShape } from "reformax";
 * import { zeros, matmul } from "reformax/numpy";
 * const out = evalShape((x) => matmul(x, x), zeros([3, 3]));
 * console.log(out.shape, out.dtype); // => [ 3, 3 ] f32
 */
export function evalShape<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  ...args: Args
): Result {
  const callee = calleeOf(f, "evalShape");
  const { leaves, structure } = flattenArguments(args, callee.where);
  const trace = traceFunction(
    f,
    structure,
    leaves.map((leaf) => leaf.aval),
    callee,
  );
  return unflatten<Result>(
    trace.resultStructure,
    trace.program.outputs.map(({ aval }) => ({ shape: aval.shape, dtype: aval.dtype })),
  );
}
