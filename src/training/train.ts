import { checkKinds, checkOptions, checkSomeOf } from "../core/arguments.ts";
import { orAbsent } from "../core/kinds.ts";
import { hookKinds } from "./hooks.ts";
import { checkIdentity } from "./kinds.ts";
import { startKind } from "./value-kinds.ts";
import { taskLoop } from "./loop.ts";
import {
  nextTokenRun,
  type MeasuredRecord,
  type RecordOf,
  type TaskOptions,
  type ToldStep,
  type TrainOptions,
  type TrainOutcome,
  type TrainStep,
} from "./options.ts";

/**
 * Trains until `steps`, one step each time the next is asked for, and returns how it ended. What a
 * step does depends on the task (or the model, the configuration and the data), the keys and its
 * number alone, so that stopping and resuming anywhere gives the same bits as going through.
 * Between steps the event loop has a turn.
 *
 * The state of a step lives until the next step is asked for: that one writes into its storage, and
 * reading it later is an error. Use it (evaluate, generate, save) before going on;
 * {@link copyState} keeps one for longer. Who needs no state at every step takes
 * {@link trainAhead}, which keeps a device busy.
 *
 * With a hook `save` the state is saved every `checkpointEvery` steps and at the end, aborted or
 * not, each time after its step was yielded. Leaving the loop early (`break`) ends the run where it
 * stands and saves nothing more.
 *
 * @throws NonFiniteError when a loss, a gradient or a state is not finite; nothing is saved from
 *   that step on
 * @example
 * import { init } from "reformax";
 * import { reformerModel, train, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 64 } });
 * const text = new TextEncoder().encode("to be or not to be ".repeat(50));
 * const run = train({ model: reformerModel(config), config, data: { train: text }, steps: 3 });
 * const losses: number[] = [];
 * for await (const { metrics } of run) losses.push(metrics.bitsPerByte ?? NaN);
 * console.log(losses.length, losses[2] < losses[0]); // => 3 true
 */
export function train<State>(
  options: TrainOptions<State>,
): AsyncGenerator<TrainStep<State>, TrainOutcome<State>, void>;
/** Trains on a task of any kind. */
export function train<State, Values extends object, Measured extends object>(
  options: TaskOptions<State, Values, Measured>,
): AsyncGenerator<
  TrainStep<State, RecordOf<Values>, MeasuredRecord<Measured>>,
  TrainOutcome<State, MeasuredRecord<Measured>>,
  void
>;
export function train(options: AnyOptions): AnyRun {
  return runOf(options, false);
}

/**
 * As {@link train}, for those who only follow the numbers: a step is started before the metrics of
 * the one before have come back from a device, so that the device never waits for them. Steps are
 * told in their order, none is left out, and they come without their state, which the next step may
 * have taken over already. The state is there where the run is saved, and at the end. All bits are
 * those of {@link train}; on backends that compute on the host, the order of events is the same,
 * too.
 *
 * @throws NonFiniteError as {@link train}; the step after a bad one may have been started by then,
 *   and is neither told of nor saved
 * @example
 * import { init } from "reformax";
 * import { finish, reformerModel, trainAhead, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 64 } });
 * const text = new TextEncoder().encode("to be or not to be ".repeat(50));
 * const model = reformerModel(config);
 * const run = trainAhead({ model, config, data: { train: text }, steps: 3 });
 * const steps: number[] = [];
 * const { state } = await finish(run, ({ step }) => steps.push(step));
 * console.log(steps, model.parameterCount(state) > 0); // => [ 1, 2, 3 ] true
 */
export function trainAhead<State>(
  options: TrainOptions<State>,
): AsyncGenerator<ToldStep, TrainOutcome<State>, void>;
/** Trains on a task of any kind. */
export function trainAhead<State, Values extends object, Measured extends object>(
  options: TaskOptions<State, Values, Measured>,
): AsyncGenerator<
  ToldStep<RecordOf<Values>, MeasuredRecord<Measured>>,
  TrainOutcome<State, MeasuredRecord<Measured>>,
  void
>;
export function trainAhead(options: AnyOptions): AnyRun {
  return runOf(options, true);
}

type AnyOptions = TrainOptions<unknown> | TaskOptions<unknown, object, object>;

/** The overloads say what a run tells; for the implementation it is all the same. */
type AnyRun = AsyncGenerator<never, never, void>;

/** Nothing is done before the first step is asked for. */
async function* runOf(options: AnyOptions, ahead: boolean): AnyRun {
  checkRun(options, ahead ? "trainAhead" : "train");
  const run = "task" in options ? options : nextTokenRun(options);
  return yield* taskLoop(run, ahead) as AnyRun;
}

/** Throws unless there is a task, or what it takes to make one, and the rest is of the right kind. The loop looks into the task. */
function checkRun(options: AnyOptions, where: string): void {
  checkSomeOf(options, runKinds, "options", where);
  if (options.hooks) checkOptions(options.hooks, hookKinds, `${where}: hooks`);
  if (!("task" in options)) {
    checkSomeOf(options, { model: "object", config: "object", data: "object" }, "options", where);
    return;
  }
  checkIdentity(options.task, where);
  checkSomeOf(options, taskRunKinds, "options", where);
}

const runKinds = {
  start: orAbsent(startKind),
  signal: orAbsent("object"),
  hooks: orAbsent("object"),
} as const;

const taskRunKinds = {
  validateEvery: orAbsent("count"),
  checkpointEvery: orAbsent("count"),
} as const;

/**
 * Runs to the end, hearing of each step, and returns how it ended: {@link train} for those who need
 * no loop.
 *
 * @example
 * import { init } from "reformax";
 * import { finish, reformerModel, train, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 64 } });
 * const text = new TextEncoder().encode("to be or not to be ".repeat(50));
 * const run = train({ model: reformerModel(config), config, data: { train: text }, steps: 2 });
 * const { step, interrupted } = await finish(run);
 * console.log(step, interrupted); // => 2 false
 */
export async function finish<Step, Outcome>(
  run: AsyncGenerator<Step, Outcome, void>,
  onStep: (step: Step) => unknown = () => undefined,
): Promise<Outcome> {
  checkSomeOf(run, { next: "function" }, "run", "finish");
  checkKinds({ onStep: [onStep, "function"] }, "finish");
  for (;;) {
    const next = await run.next();
    if (next.done === true) return next.value;
    await onStep(next.value);
  }
}
