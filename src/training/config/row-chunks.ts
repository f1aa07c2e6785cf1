import type { KindsOf } from "../../core/arguments.ts";
import * as E from "fp-ts/lib/Either.js";
import { invalid, type Validated } from "../../edge/problem.ts";
import type { DeviceLimits } from "../../ir/backend.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";
import type { ChunkChoice, TrainingSizes } from "../../reformer/models/memory.ts";
import { optimizerCopies } from "../optimizer.ts";
import type { TrainingConfig } from "./training-config.ts";

/** Rows at a time. */
type Chunks = Pick<ReformerConfig, "feedForwardChunk" | "lossChunk">;

/** Who chooses chunks of rows that are `auto`. Without either, they are chosen for a processor. */
export interface ChunkSource {
  /** The device to compute on, as a backend tells of it. */
  readonly device?: DeviceLimits;
  /** The configuration of the run that goes on: its chunks are used, wherever they were chosen. */
  readonly resumed?: { readonly model: Chunks };
}

export const chunkSourceKinds: KindsOf<ChunkSource> = { device: "object", resumed: "object" };

interface Written {
  readonly model: { readonly [K in keyof Chunks]: Chunks[K] | "auto" };
  readonly training: TrainingConfig;
}

/** The same configuration with chunks that are numbers, or null. */
export type WithChunks<Config extends Written> = Omit<Config, "model"> & {
  readonly model: Omit<Config["model"], keyof Chunks> & Chunks;
};

/** Chunks that are `auto` become numbers: a function of the configuration, stored with it. */
export function chooseChunks<Config extends Written>(
  config: Config,
  { device, resumed }: ChunkSource,
  choose: (sizes: TrainingSizes, budget: number, device?: DeviceLimits) => ChunkChoice,
): Validated<WithChunks<Config>> {
  const { model, training } = config;
  const { feedForwardChunk, lossChunk } = model;
  const use = (chunks: Chunks): WithChunks<Config> => {
    const chosen: Chunks = {
      feedForwardChunk: feedForwardChunk === "auto" ? chunks.feedForwardChunk : feedForwardChunk,
      lossChunk: lossChunk === "auto" ? chunks.lossChunk : lossChunk,
    };
    return { ...config, model: { ...model, ...chosen } } as WithChunks<Config>;
  };
  if (resumed) return E.right(use(resumed.model));
  if (feedForwardChunk !== "auto" && lossChunk !== "auto") {
    return E.right(use({ feedForwardChunk, lossChunk }));
  }
  const { batch, length, memoryBudget } = training;
  const sizes = { batch, length, optimizerCopies: optimizerCopies(training) };
  const choice = choose(sizes, memoryBudget, device);
  if (choice.needed === undefined) {
    return E.right(use({ feedForwardChunk: choice.chunk, lossChunk: choice.chunk }));
  }
  return invalid({
    where: "training.memoryBudget",
    problem: "is too small for a training step, whatever the chunks",
    expected: `at least ${choice.needed} bytes`,
    got: String(memoryBudget),
    fix: "Raise it, or lower training.batch, training.length or model.width.",
  });
}
