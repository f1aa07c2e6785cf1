import { checkParams } from "../../reformer/models/check-pass.ts";
import { pipe } from "fp-ts/lib/function.js";
import { checkOptions } from "../../core/arguments.ts";
import { checkConfig } from "../../reformer/models/check-config.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import { orThrowFrom } from "../../edge/problem.ts";
import { fittingWindows } from "../config/fitting-windows.ts";
import { defaultPreset, presets } from "../config/presets.ts";
import { parseTrainConfig } from "../config/train-config.ts";
import { configJson, type Checkpoint } from "./checkpoint.ts";
import { tensorsOf } from "./tensors.ts";

const where = "importedCheckpoint";

/** What is known besides of a model that was trained elsewhere. */
export interface ImportOptions {
  /** What makes its ids of a text, as configurations name it: `bytes+2`, or the SHA-256 of its file. */
  readonly tokenizer?: string;
}

/**
 * A checkpoint of parameters that were trained elsewhere: to measure, to let it write, and to begin a training with. Its training section is that of
 * the default preset, with windows as long as the model's positions allow, 512 at most; its data are bytes where the vocabulary
 * has 256 tokens, else ids, or a text where there is a tokenizer.
 *
 * @param config - of a model of the next token
 * @param params - as `fromHuggingFace` or `initParams` gives them, on the host
 * @throws InputError with every problem of the configuration
 * @example
 * import { init } from "reformax";
 * import { key } from "reformax/random";
 * import { initParams, reformerConfig } from "reformax/reformer";
 * import { canResume, importedCheckpoint } from "reformax/training";
 * await init();
 * const config = reformerConfig();
 * const checkpoint = importedCheckpoint(config, initParams(config, key(0)));
 * console.log(checkpoint.step, canResume(checkpoint)); // => 0 false
 */
export function importedCheckpoint(
  config: ReformerConfig,
  params: ReformerParams,
  options: ImportOptions = {},
): Checkpoint {
  checkConfig(config, where);
  const { tokenizer } = checkOptions(options, { tokenizer: "text" }, where);
  checkParams(params, config, where);
  const model = configJson(config);
  const tokens = config.vocabulary === 256 ? "bytes" : "u16le";
  const complete = pipe(
    parseTrainConfig({
      model,
      training: fittingWindows(presets[defaultPreset].training, model.positions),
      data: tokenizer === undefined ? { tokens } : { tokens: "text", tokenizer },
    }),
    orThrowFrom(where),
  );
  return { step: 0, config: complete, progress: {}, tensors: tensorsOf({ state: { params } }) };
}
