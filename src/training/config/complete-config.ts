import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { unlessProblems, type Problem, type Validated } from "../../edge/problem.ts";
import { chunkForBudget } from "../../reformer/models/memory.ts";
import type { WrittenModelConfig } from "./model-config.ts";
import { chooseChunks, type ChunkSource, type WithChunks } from "./row-chunks.ts";
import type { TrainingConfig } from "./training-config.ts";

interface Written {
  readonly model: WrittenModelConfig;
  readonly training: TrainingConfig;
}

/** The configuration of a run of one Reformer whose fields were read: its parts fit together, and no chunk is left open. */
export const completeConfig = <Config extends Written>(
  fields: Validated<Config>,
  contradictions: (config: Config) => readonly Problem[],
  chunks: ChunkSource,
): Validated<WithChunks<Config>> =>
  pipe(
    fields,
    E.chain((config) => unlessProblems(contradictions(config), () => config)),
    E.chain((config) =>
      chooseChunks(config, chunks, (...sizes) => chunkForBudget(config.model, ...sizes)),
    ),
  );
