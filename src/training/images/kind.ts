import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { orThrow } from "../../edge/problem.ts";
import { evaluatedRange } from "../data/evaluated-range.ts";
import { measuredIn } from "../measured-params.ts";
import { ablations } from "../reformer-model.ts";
import { measureSequences } from "../sequences/measure.ts";
import { scoreSequences, sequenceLearner } from "../sequences/model.ts";
import type { EvaluationRequest, TaskKind } from "../task/kind.ts";
import { imagesName, parseImagesConfig, type ImagesConfig } from "./config.ts";
import { prepareImages } from "./data.ts";
import { countOf, someImages } from "./images.ts";
import { imagesFrom } from "./read.ts";
import { imageSequences } from "./sequences.ts";
import { imagesTask, type ImagesState } from "./task.ts";

/** Learning images, for the program. */
export const imagesKind: TaskKind<ImagesConfig> = {
  name: imagesName,
  defaultPreset: imagesName,
  read: parseImagesConfig,
  prepare: (config, bytes) =>
    pipe(
      prepareImages(config, bytes),
      E.map(({ config: named, data }) => {
        const { batch, length } = named.training;
        return {
          config: named,
          parts: { train: data.train.values, validation: data.validation.values },
          summary: `${countOf(data.train)} images to learn, ${batch} x ${length} values per step`,
          task: (chosen, keys) => imagesTask({ config: chosen, data, keys }),
        };
      }),
    ),
  ablations,
  learner: sequenceLearner,
  evaluate,
};

async function evaluate(request: EvaluationRequest<ImagesConfig>): Promise<readonly string[]> {
  const { config, state, keys, bytes, rounds, ablation } = request;
  const images = orThrow(imagesFrom(bytes, config.task, config.data.format));
  const partOf = (from: number, to: number): Uint8Array => someImages(images, from, to).values;
  const [from, to] = orThrow(evaluatedRange(countOf(images), partOf, request));
  const params = measuredIn<ImagesState>(config, state);
  const sequences = imageSequences(config, someImages(images, from, to));
  const { bits, accuracy } = await measureSequences(
    scoreSequences(config),
    params,
    sequences,
    config,
    {
      key: keys.evaluation,
      rounds,
      ablation: ablations.find((name) => name === ablation),
    },
  );
  const { height, width, channels, levels } = config.task;
  return [
    `${bits.toFixed(4)} bits per dimension over images ${from}:${to}`,
    `${height} x ${width} x ${channels} values of ${levels} levels each; the likeliest is right at ${(100 * accuracy).toFixed(2)} %`,
  ];
}
