import { BackendLostError } from "../core/errors.ts";
import { watchMaking } from "../core/scope-stack.ts";
import { toHost } from "../core/to-host.ts";
import { leaves } from "../core/tree.ts";
import { checkState } from "./finite-state.ts";
import { withDefaults } from "./hooks.ts";
import type {
  MeasuredRecord,
  RecordOf,
  TaskOptions,
  ToldStep,
  TrainOutcome,
  TrainStep,
} from "./options.ts";
import { runKeys } from "./run-keys.ts";
import { checkedStep, checkTask } from "./task/check-task.ts";
import { startedStep, teller, type StartedStep } from "./told.ts";

/** What the loop yields: a step, and its state where the next one waits to be asked for. */
type LoopStep<State, Values extends object, Measured extends object> = ToldStep<
  RecordOf<Values>,
  MeasuredRecord<Measured>
> &
  Partial<Pick<TrainStep<State>, "state">>;

type Run<State, Values extends object, Measured extends object> = AsyncGenerator<
  LoopStep<State, Values, Measured>,
  TrainOutcome<State, MeasuredRecord<Measured>>,
  void
>;

/** A run that survives the loss of its device once, where its hooks say how to go on. */
export async function* taskLoop<State, Values extends object, Measured extends object>(
  options: TaskOptions<State, Values, Measured>,
  ahead: boolean,
): Run<State, Values, Measured> {
  try {
    return yield* runOnce(options, ahead);
  } catch (error) {
    const reopen = options.hooks?.reopen;
    if (!reopen || !(error instanceof BackendLostError)) throw error;
    return yield* runOnce({ ...options, start: await reopen(error) }, ahead);
  }
}

/**
 * The loop: starts steps, waits for what they tell, and measures and saves where that is due.
 *
 * `ahead`: while the metrics of a step are on their way from a device, the next one is started already, so that the device
 * never waits for its reader. Then records come one step later, in their order; before a measurement, a save and the end
 * all of them have come. Nothing is measured, saved or returned behind a step that has not been judged.
 */
async function* runOnce<State, Values extends object, Measured extends object>(
  options: TaskOptions<State, Values, Measured>,
  ahead: boolean,
): Run<State, Values, Measured> {
  const { task, steps, signal, start, validateEvery = 0, checkpointEvery = 0 } = options;
  checkTask(task, steps);
  const { keys = runKeys(0) } = task;
  const hooks = withDefaults(options.hooks ?? {});
  const tell = teller(task, hooks);
  let { step, state } = start ?? { step: 0, state: task.init(keys.initial) };
  let validation: MeasuredRecord<Measured> | undefined;
  let saved = step;
  /** The last step that was started, where its record is still to come. */
  let untold: StartedStep | undefined;

  const save = async (): Promise<void> => {
    const onHost = await toHost(state);
    checkState(onHost, step);
    await hooks.save?.(onHost, step);
    saved = step;
  };
  const measure = async (): Promise<MeasuredRecord<Measured> | undefined> =>
    task.measure && {
      step,
      validation: await task.measure(state, { step, breathe: hooks.breathe }),
    };
  const goesOn = (): boolean => step < steps && signal?.aborted !== true;

  while (goesOn()) {
    const began = hooks.now();
    const batch = await task.batch(step);
    const { result, made } = watchMaking(() =>
      checkedStep(task.step(state, batch, keys.step(step)), task.name),
    );
    ({ state } = result);
    step += 1;
    const own = new Set(made);
    for (const leaf of leaves(state)) own.delete(leaf);
    const started = startedStep(step, began, result.metrics, own);
    if (untold) {
      const before = untold;
      untold = started;
      yield { step: before.step, metrics: await tell(before) };
    }
    const measures = isDue(step, validateEvery) || step === steps;
    const saves = isDue(step, checkpointEvery);
    if (ahead && started.isLate && !measures && !saves) {
      untold = started;
      await hooks.breathe();
      continue;
    }
    untold = undefined;
    const metrics = await tell(started);
    const measured = measures ? await measure() : undefined;
    validation = measured ?? validation;
    yield {
      step,
      metrics,
      ...(!ahead && { state }),
      ...(measured && { validation: measured }),
    };
    if (saves) await save();
    await hooks.breathe();
  }
  if (untold) yield { step: untold.step, metrics: await tell(untold) };
  if (step !== saved) await save();
  return { step, state, interrupted: step < steps, validation };
}

const isDue = (step: number, every: number): boolean => every > 0 && step % every === 0;
