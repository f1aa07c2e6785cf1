/** The preset bytes-small, shrunk until a driver for CPUs trains it in seconds. */
import type { TrainConfigChoices } from "reformax/training";

export const choices: TrainConfigChoices = {
  preset: "bytes-small",
  model: {
    width: 32,
    headWidth: 16,
    feedForwardWidth: 64,
    local: { chunk: 16 },
    lsh: { chunk: 16 },
    positions: { shape: [4, 16], widths: [16, 16] },
  },
  training: { batch: 1, length: 64 },
};

export const steps = 3;

/** What a run in a page tells. */
export interface Told {
  readonly backend: string;
  /** Why not on what was asked for. */
  readonly fallback?: string;
  /** Bits per byte of each step. */
  readonly losses: readonly number[];
}
