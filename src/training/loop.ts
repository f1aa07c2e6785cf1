import type { TrainConfig } from "./config/train-config.ts";
import { contextRule } from "./data/evaluation-plan.ts";
import { unitOf, type Tokens } from "./data/tokens.ts";
import { gatherWindows, windowStarts, type WindowPlan } from "./data/windows.ts";
import { measure } from "./evaluation.ts";
import { checkState, checkStep, readMetrics, type StepNumbers } from "./health.ts";
import { bitsOf, type StepRecord, type ValidationRecord } from "./metrics.ts";
import type { RunKeys, TrainableModel } from "./model-interface.ts";

/** The effects of a run: everything that is not arithmetic comes through here. */
export interface TrainHooks<State> {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly peakMemoryBytes: () => number;
  /** Lets the program handle events (signals above all) between steps. */
  readonly breathe: () => Promise<void>;
  readonly stopRequested: () => boolean;
  readonly onStep: (record: StepRecord) => void;
  readonly onValidation: (record: ValidationRecord) => void;
  /** Makes the state after `step` steps durable. */
  readonly save: (state: State, step: number) => void;
}

export interface TrainOptions<State> {
  readonly model: TrainableModel<State>;
  readonly config: TrainConfig;
  readonly data: { readonly train: Tokens; readonly validation: Tokens };
  readonly keys: RunKeys;
  /** Where to begin: the state after `step` steps. */
  readonly start: { readonly step: number; readonly state: State };
  /** Number of steps, from the run's beginning, at which to stop. */
  readonly steps: number;
  readonly hooks: TrainHooks<State>;
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
 * Trains until `steps`. What a step does depends on the configuration, the data, the keys and its number alone, so that
 * stopping and resuming anywhere gives the same bits as going through.
 *
 * @throws NonFiniteError when a loss, a gradient or a state is not finite; nothing is saved from that step on
 */
export async function train<State>(options: TrainOptions<State>): Promise<TrainOutcome<State>> {
  const { model, config, data, keys, hooks, steps } = options;
  const { batch, length, validateEvery, checkpointEvery } = config.training;
  const plan: WindowPlan = {
    order: config.data.order,
    tokens: data.train.length,
    length,
    batch,
    words: (at, count) => keys.words(at, count),
  };
  let { step, state } = options.start;
  let saved = step;
  const unit = unitOf(config.data.tokens);
  let validation: ValidationRecord | undefined;
  const save = (): void => {
    checkState(state, step);
    hooks.save(state, step);
    saved = step;
  };
  while (step < steps && !hooks.stopRequested()) {
    const began = hooks.now();
    const tokens = gatherWindows(data.train, windowStarts(plan, step), length);
    const result = model.step(state, tokens, keys.step(step));
    state = result.state;
    step += 1;
    const numbers = await readMetrics(result.metrics);
    checkStep(numbers, step, model.layers);
    const seconds = Math.max(1e-9, (hooks.now() - began) / 1000);
    hooks.onStep({
      step,
      ...bitsOf(numbers.loss, unit),
      ...measurementsOf(numbers),
      tokensPerSecond: (batch * length) / seconds,
      peakMemoryBytes: hooks.peakMemoryBytes(),
    });
    await hooks.breathe();
    const measured = isDue(step, validateEvery) || step === steps;
    if (measured && data.validation.length > 0) {
      validation = await validate(options, state, step);
      hooks.onValidation(validation);
    }
    if (isDue(step, checkpointEvery)) save();
  }
  if (step !== saved) save();
  return { step, state, interrupted: step < steps, validation };
}

const isDue = (step: number, every: number): boolean => every > 0 && step % every === 0;

const measurementsOf = ({
  learningRate,
  gradientNorm,
  largestStream,
  lsh,
  rebuilt,
}: StepNumbers) => ({
  learningRate,
  gradientNorm,
  largestStream,
  lsh,
  rebuilt,
});

async function validate<State>(
  { model, config, data, keys, hooks }: TrainOptions<State>,
  state: State,
  step: number,
): Promise<ValidationRecord> {
  const { batch, length, validateBytes } = config.training;
  const tokens = data.validation.subarray(0, validateBytes ?? undefined);
  const stride = strideOf(length);
  const measured = await measure(model, state, tokens, {
    length,
    stride,
    batch,
    key: keys.evaluation,
    onProgress: hooks.breathe,
  });
  return {
    step,
    validation: { ...measured, context: contextRule(length, stride, unitOf(config.data.tokens)) },
  };
}

/** Windows of an evaluation overlap by half. */
export const strideOf = (length: number): number => Math.ceil(length / 2);
