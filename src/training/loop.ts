import type { TrainConfig } from "./config/train-config.ts";
import { unitOf, type Tokens } from "./data/tokens.ts";
import { checkState, checkStep, readMetrics, type StepNumbers } from "./health.ts";
import { withDefaults, type TrainHooks } from "./hooks.ts";
import { bitsOf, type StepRecord, type ValidationRecord } from "./metrics.ts";
import type { RunKeys, TrainableModel } from "./model-interface.ts";
import { nextTokenBatches, validateNextToken } from "./next-token.ts";
import { runKeys } from "./run-keys.ts";

/** What asks a run to stop: an `AbortSignal`, or anything that says so the same way. */
export interface StopSignal {
  readonly aborted: boolean;
}

export interface TrainOptions<State> {
  readonly model: TrainableModel<State>;
  readonly config: TrainConfig;
  /** Without validation tokens nothing is measured. */
  readonly data: { readonly train: Tokens; readonly validation?: Tokens };
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
  /**
   * Where to begin: the state after `step` steps, whose storage is taken over. Default: a new
   * state.
   */
  readonly start?: { readonly step: number; readonly state: State };
  /**
   * Number of steps, from the run's beginning, at which to stop. Default: the schedule's horizon.
   */
  readonly steps?: number;
  /** Once aborted, the run finishes the step it is at, saves, and ends. */
  readonly signal?: StopSignal;
  readonly hooks?: Partial<TrainHooks<State>>;
}

/** What a run tells after each step. */
export interface TrainStep<State> {
  /** Number of updates so far, this one included. */
  readonly step: number;
  /** Good until the next step is asked for, which takes its storage over. */
  readonly state: State;
  readonly metrics: StepRecord;
  /** Where a measurement on the validation tokens was due. */
  readonly validation?: ValidationRecord;
}

export interface TrainOutcome<State> {
  readonly step: number;
  readonly state: State;
  /** Whether it stopped before `steps` because it was asked to. */
  readonly interrupted: boolean;
  /** The last measurement, if there was one. */
  readonly validation?: ValidationRecord;
}

/**
 * Trains until `steps`, one step each time the next is asked for, and returns how it ended. What a
 * step does depends on the configuration, the data, the keys and its number alone, so that stopping
 * and resuming anywhere gives the same bits as going through. Between steps the event loop has a
 * turn.
 *
 * The state of a step lives until the next step is asked for: that one writes into its storage, and
 * reading it later is an error. Use it (evaluate, generate, save) before going on;
 * {@link copyState} keeps one for longer.
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
export async function* train<State>(
  options: TrainOptions<State>,
): AsyncGenerator<TrainStep<State>, TrainOutcome<State>, void> {
  const { model, config, data, signal } = options;
  const { keys = runKeys(config.training.seed), steps = config.training.schedule.horizon } =
    options;
  const hooks = withDefaults(options.hooks ?? {});
  const batchOf = nextTokenBatches(config, data.train, keys);
  const { validateEvery, checkpointEvery } = config.training;
  let { step, state } = options.start ?? { step: 0, state: model.init(keys.initial) };
  let validation: ValidationRecord | undefined;
  let saved = step;
  const save = async (): Promise<void> => {
    checkState(state, step);
    await hooks.save?.(state, step);
    saved = step;
  };
  const goesOn = (): boolean => step < steps && signal?.aborted !== true;
  while (goesOn()) {
    const began = hooks.now();
    const result = model.step(state, batchOf(step), keys.step(step));
    state = result.state;
    step += 1;
    const numbers = await readMetrics(result.metrics);
    checkStep(numbers, step, model.layers);
    const metrics = recordOf(step, numbers, config, hooks, hooks.now() - began);
    const due = isDue(step, validateEvery) || step === steps;
    const measured =
      due && data.validation !== undefined && data.validation.length > 0
        ? await validateNextToken(config, model, state, data.validation, {
            step,
            keys,
            onProgress: hooks.breathe,
          })
        : undefined;
    validation = measured ?? validation;
    yield { step, state, metrics, ...(measured && { validation: measured }) };
    if (isDue(step, checkpointEvery)) await save();
    await hooks.breathe();
  }
  if (step !== saved) await save();
  return { step, state, interrupted: step < steps, validation };
}

const isDue = (step: number, every: number): boolean => every > 0 && step % every === 0;

function recordOf(
  step: number,
  numbers: StepNumbers,
  { training, data }: TrainConfig,
  { peakMemoryBytes }: TrainHooks<never>,
  milliseconds: number,
): StepRecord {
  const { learningRate, gradientNorm, largestStream, lsh, rebuilt } = numbers;
  const seconds = Math.max(1e-9, milliseconds / 1000);
  return {
    step,
    ...bitsOf(numbers.loss, unitOf(data.tokens)),
    learningRate,
    gradientNorm,
    largestStream,
    lsh,
    rebuilt,
    tokensPerSecond: (training.batch * training.length) / seconds,
    ...(peakMemoryBytes && { peakMemoryBytes: peakMemoryBytes() }),
  };
}

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
export async function finish<State>(
  run: AsyncGenerator<TrainStep<State>, TrainOutcome<State>, void>,
  onStep: (step: TrainStep<State>) => unknown = () => undefined,
): Promise<TrainOutcome<State>> {
  for (;;) {
    const next = await run.next();
    if (next.done === true) return next.value;
    await onStep(next.value);
  }
}
