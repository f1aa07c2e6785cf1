import type { Tensor } from "../../core/tensor.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { parseTrainConfig, type TrainConfig } from "../config/train-config.ts";
import { prepareData } from "../data/prepare-data.ts";
import { unitOf } from "../data/tokens.ts";
import { nextTokenName } from "../task/name.ts";
import type { PreparedTask, RunKind } from "../task/kind.ts";
import { replayHashes } from "./hash-replay.ts";
import type { TrainableModel } from "./model.ts";
import { nextTokenTask } from "./task.ts";

/** Predicting the next token for the program, by models of the caller's. It is measured by `measure`, which tells more than lines. */
export const nextTokenKind = (
  createModel: (config: TrainConfig) => TrainableModel,
  defaultPreset: string,
): RunKind<TrainConfig> => ({
  name: nextTokenName,
  defaultPreset,
  isOfBytes: true,
  read: parseTrainConfig,
  learner: createModel,
  prepare: (config, bytes, tokenizer) =>
    pipe(
      prepareData(config, bytes, 0, tokenizer),
      E.map(({ config: named, data, parts }): PreparedTask<TrainConfig> => {
        const { batch, length } = named.training;
        const unit = unitOf(named.data.tokens);
        return {
          config: named,
          parts,
          summary: `${data.train.length} ${unit}s to learn, ${batch} x ${length} ${unit}s per step`,
          task: (chosen, keys) => {
            const model = createModel(chosen);
            const task = nextTokenTask({ model, config: chosen, data, keys });
            return {
              ...task,
              // A file of hashes can more than these two.
              replay: ({ record, replay }) => replayHashes(task, model, { record, replay }),
              planStep: (state, window, key) => model.planStep?.(state, window as Tensor, key),
            };
          },
        };
      }),
    ),
});
