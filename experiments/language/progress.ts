import { isJsonObject, type JsonObject } from "../../src/edge/json.ts";
import type { Numbers } from "../frame/experiment.ts";
import { processorClock } from "../frame/processor-time.ts";

/** What a training run has shown so far; a checkpoint keeps it, so that a run which goes on knows of what was before. */
export interface Progress {
  /** Of a step's bits per byte (or token), and those of what is kept back where they were measured. */
  readonly tell: (step: number, train: number, valid: number | undefined) => void;
  /** Bits kept back at the last look, the curves under `valid 100` and `train 100`, seconds by the clock and of processor time. */
  readonly numbers: () => Numbers;
  /** Seconds by the clock. */
  readonly seconds: () => number;
  readonly toJson: () => JsonObject;
}

/** @param before - what `toJson` gave */
export function trainingProgress(before: JsonObject = {}): Progress {
  const [used, began] = [processorClock(), performance.now()];
  const { seconds: usedBefore, clock: clockBefore, curves: known } = before;
  const curves: Record<string, number> = {};
  if (isJsonObject(known)) {
    for (const [name, value] of Object.entries(known)) curves[name] = Number(value);
  }
  const processorSeconds = (): number => used() + (Number(usedBefore) || 0);
  const seconds = (): number => (performance.now() - began) / 1000 + (Number(clockBefore) || 0);
  let [sum, count] = [0, 0];
  return {
    tell: (step, train, valid) => {
      sum += train;
      count++;
      if (valid === undefined) return;
      curves[`valid ${step}`] = valid;
      curves[`train ${step}`] = sum / count;
      curves.bits = valid;
      [sum, count] = [0, 0];
    },
    numbers: () => ({ ...curves, seconds: seconds(), processorSeconds: processorSeconds() }),
    seconds,
    toJson: () => ({ curves: { ...curves }, seconds: processorSeconds(), clock: seconds() }),
  };
}
