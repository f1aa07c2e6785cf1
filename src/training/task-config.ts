import { checkKinds, checkOptions } from "../core/arguments.ts";
import { orAbsent } from "../core/kinds.ts";
import { chunkSourceKinds, type ChunkSource } from "./config/row-chunks.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { DeepPartial } from "../edge/deep-partial.ts";
import type { Json } from "../edge/json.ts";
import { orThrowFrom, type Validated } from "../edge/problem.ts";
import { parseClassifyConfig, type ClassifyConfig } from "./classify/config.ts";
import { taskPresets } from "./config/task-presets.ts";
import { mergeSources } from "./config/resolve.ts";
import { parseImagesConfig, type ImagesConfig } from "./images/config.ts";
import { parseMaskedConfig, type MaskedConfig } from "./masked/config.ts";
import { parseSpansConfig, type SpansConfig } from "./spans/config.ts";
import { parseToyConfig, type ToyConfig } from "./toy/config.ts";
import { parseTranslateConfig, type TranslateConfig } from "./translate/config.ts";

interface TaskConfigs {
  readonly masked: MaskedConfig;
  readonly classify: ClassifyConfig;
  readonly spans: SpansConfig;
  readonly translate: TranslateConfig;
  readonly images: ImagesConfig;
  readonly toy: ToyConfig;
}

const decoders: {
  readonly [Name in keyof TaskConfigs]: (
    value: Json,
    chunks?: ChunkSource,
  ) => Validated<TaskConfigs[Name]>;
} = {
  masked: parseMaskedConfig,
  classify: parseClassifyConfig,
  spans: parseSpansConfig,
  translate: parseTranslateConfig,
  images: parseImagesConfig,
  toy: parseToyConfig,
};

/**
 * A complete configuration of a run of a task: its preset with single values changed. What only data tell (ranges, words, classes) is
 * named by what prepares them.
 *
 * @throws InputError with every problem at once: wrong values, unknown keys, and parts that do not fit together
 * @example
 * import { taskConfig } from "reformax/training";
 * const config = taskConfig("masked", { task: { rate: 0.3 }, training: { length: 128 } });
 * console.log(config.task.rate, config.model.mask, config.model.vocabulary); // => 0.3 full 257
 */
export const taskConfig = <Name extends keyof TaskConfigs>(
  name: Name,
  choices?: DeepPartial<TaskConfigs[Name]>,
  chunks: ChunkSource = {},
): TaskConfigs[Name] => {
  const where = "taskConfig";
  const names = Object.keys(decoders);
  checkKinds({ name: [name, names], choices: [choices, orAbsent("object")] }, where);
  checkOptions(chunks, chunkSourceKinds, where);
  return orThrowFrom(where)(
    pipe(
      mergeSources({
        presets: taskPresets,
        defaultPreset: name,
        flags: choices,
      }),
      E.chain((merged) => decoders[name](merged, chunks)),
    ),
  );
};
