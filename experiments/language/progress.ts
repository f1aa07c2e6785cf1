import { isJsonObject, type JsonObject } from "../../src/edge/json.ts";
import type { Numbers } from "../frame/experiment.ts";
import { processorClock } from "../frame/processor-time.ts";

/** What a training run has shown so far; a checkpoint keeps it, so that a run which goes on knows of what was before. */
export interface Progress {
  /** Of a step's bits per byte, and those of bytes kept back where they were measured. */
  readonly tell: (step: number, train: number, valid: number | undefined) => void;
  /** Bits per byte kept back at the last look, the curves under `valid 100` and `train 100`, seconds of processor time. */
  readonly numbers: () => Numbers;
  readonly toJson: () => JsonObject;
}

/** @param before - what `toJson` gave */
export function trainingProgress(before: JsonObject = {}): Progress {
  const used = processorClock();
  const { seconds: earlier, curves: known } = before;
  const curves: Record<string, number> = {};
  if (isJsonObject(known)) {
    for (const [name, value] of Object.entries(known)) curves[name] = Number(value);
  }
  const seconds = (): number => used() + (typeof earlier === "number" ? earlier : 0);
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
    numbers: () => ({ ...curves, processorSeconds: seconds() }),
    toJson: () => ({ curves: { ...curves }, seconds: seconds() }),
  };
}
