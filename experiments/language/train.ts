import type { TaskIdentity } from "../../src/training/checkpoint/task-config.ts";
import {
  checkpointOf,
  finish,
  gatherWindows,
  nextTokenTask,
  reformerModel,
  resumePointOrThrow,
  runKeys,
  train,
  type Checkpoint,
  type ReformerState,
  type Tokens,
  type TrainConfig,
} from "../../src/training/index.ts";
import {
  loadCheckpoint,
  readData,
  saveCheckpoint,
  stepsIn,
} from "../../src/training/node/index.ts";
import type { Numbers } from "../frame/experiment.ts";
import { trainingProgress } from "./progress.ts";

/** A text in two. */
export interface LanguageText<Kind extends Tokens = Tokens> {
  readonly train: Kind;
  readonly validation: Kind;
}

/** Bytes of a file, of which the last tenth is kept back. */
export function readText(path: string): LanguageText {
  const bytes = readData(path);
  const end = Math.floor(0.9 * bytes.length);
  return { train: bytes.subarray(0, end), validation: bytes.subarray(end) };
}

/**
 * Parameters of a model, and bytes that a training step of it is planned with. To be asked before any step: once calls have shown what comes again, a
 * backend keeps it beside what a step needs, and tells that.
 */
export function planLanguage(config: TrainConfig): Numbers {
  const { batch, length, seed } = config.training;
  const model = reformerModel(config);
  const keys = runKeys(seed);
  const state = model.init(keys.initial);
  const windows = gatherWindows(new Uint8Array(length + 1), Array<number>(batch).fill(0), length);
  const { peakBytes = null } = model.planStep?.(state, windows, keys.step(0)) ?? {};
  return { parameters: model.parameterCount(state), peak: peakBytes };
}

export interface LanguageRun {
  /** Where it saves, and goes on from. */
  readonly folder?: string;
  /** Ends before its schedule does, after so long. */
  readonly mostSeconds?: number;
  /** Told how many seconds it had taken by then, where it goes on. */
  readonly tookBefore?: (seconds: number) => void;
}

export interface TrainedLanguage {
  readonly state: ReformerState;
  /** `bits` per byte (or token) kept back at the end, `valid 100` and `train 100` after 100 steps, and what it took. */
  readonly numbers: Numbers;
}

/**
 * Trains a language model to the end of its schedule. With a folder it saves there as often as its configuration says, and goes on from what is
 * there; what it has told by then is right where it saves whenever it has looked at the bytes kept back.
 */
export async function trainLanguage(
  config: TrainConfig,
  text: LanguageText,
  log: (line: string) => void,
  { folder, mostSeconds = Infinity, tookBefore }: LanguageRun = {},
): Promise<TrainedLanguage> {
  const { schedule, validateEvery, checkpointEvery } = config.training;
  const model = reformerModel(config);
  const keys = runKeys(config.training.seed);
  const task = nextTokenTask({ model, config, data: text, keys });
  const before = folder === undefined ? undefined : newestIn(folder, task);
  const progress = trainingProgress(before?.progress);
  if (before) {
    log(`goes on from step ${before.step}`);
    tookBefore?.(progress.seconds());
  }
  const save = (state: ReformerState, step: number): void => {
    if (folder === undefined) return;
    const checkpoint = checkpointOf({ task, step, state, progress: progress.toJson() });
    saveCheckpoint(folder, checkpoint, { keep: 1 });
  };
  const signal = {
    get aborted() {
      return progress.seconds() >= mostSeconds;
    },
  };
  const { state, step: steps } = await finish(
    train({
      task,
      steps: schedule.horizon,
      signal,
      validateEvery,
      checkpointEvery,
      start: before && resumePointOrThrow(before, task),
      hooks: folder === undefined ? {} : { save },
    }),
    ({ step, metrics, validation }) => {
      const valid = validation && bitsIn(validation.validation);
      progress.tell(step, bitsIn(metrics), valid);
      const unit = config.data.tokens === "bytes" ? "byte" : "token";
      if (valid !== undefined) log(`step ${step}, kept back ${valid.toFixed(3)} bits per ${unit}`);
    },
  );
  return { state, numbers: { ...progress.numbers(), steps } };
}

/** Bits per byte, or per token of data that are no bytes. */
export const bitsIn = ({
  bitsPerByte,
  bitsPerToken,
}: {
  readonly bitsPerByte?: number;
  readonly bitsPerToken?: number;
}): number => bitsPerByte ?? bitsPerToken ?? NaN;

/** The newest checkpoint of a run, if there is one. */
const newestIn = (folder: string, task: TaskIdentity): Checkpoint<object> | undefined =>
  stepsIn(folder).length === 0 ? undefined : loadCheckpoint(folder, task).checkpoint;
