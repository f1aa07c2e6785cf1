import {
  finish,
  gatherWindows,
  reformerModel,
  runKeys,
  train,
  type ReformerState,
  type TrainConfig,
} from "../../src/training/index.ts";
import { readData } from "../../src/training/node/data.ts";
import type { Numbers } from "../frame/experiment.ts";
import { processorClock } from "../frame/processor-time.ts";

/** A text in two: the last tenth is kept back. */
export interface LanguageText {
  readonly train: Uint8Array;
  readonly validation: Uint8Array;
}

export function readText(path: string): LanguageText {
  const bytes = readData(path);
  const end = Math.floor(0.9 * bytes.length);
  return { train: bytes.subarray(0, end), validation: bytes.subarray(end) };
}

export interface TrainedLanguage {
  readonly state: ReformerState;
  /** `bits` per byte kept back at the end, `valid 100` and `train 100` after 100 steps, and what it took. */
  readonly numbers: Numbers;
}

/** Trains a language model to the end of its schedule. */
export async function trainLanguage(
  config: TrainConfig,
  text: LanguageText,
  log: (line: string) => void,
): Promise<TrainedLanguage> {
  const model = reformerModel(config);
  const keys = runKeys(config.training.seed);
  const used = processorClock();
  const curves: Record<string, number> = {};
  let bits = NaN;
  let sum = 0;
  let since = 0;
  const { state, step: steps } = await finish(
    train({ model, config, data: text, keys }),
    ({ step, metrics, validation }) => {
      sum += metrics.bitsPerByte ?? NaN;
      since++;
      if (!validation) return;
      bits = validation.validation.bitsPerByte ?? NaN;
      curves[`valid ${step}`] = bits;
      curves[`train ${step}`] = sum / since;
      log(`step ${step}, ${(sum / since).toFixed(3)} bits, kept back ${bits.toFixed(3)} bits`);
      [sum, since] = [0, 0];
    },
  );
  const seconds = used();
  const { batch, length } = config.training;
  const windows = gatherWindows(text.train, Array<number>(batch).fill(0), length);
  const plan = model.planStep?.(state, windows, keys.step(0));
  return {
    state,
    numbers: {
      bits,
      ...curves,
      steps,
      parameters: model.parameterCount(state),
      processorSeconds: seconds,
      peak: plan?.peakBytes ?? null,
    },
  };
}
