import { checkOptions, type KindsOf } from "../../core/arguments.ts";
import type { DeepPartial } from "../../edge/deep-partial.ts";
import { orThrowFrom } from "../../edge/problem.ts";
import type { WrittenModelConfig } from "./model-config.ts";
import { defaultPreset, presets, type PresetName } from "./presets.ts";
import { resolveConfig } from "./resolve.ts";
import type { ChunkSource } from "./row-chunks.ts";
import type { TrainConfig } from "./train-config.ts";
import type { DataConfig, TrainingConfig } from "./training-config.ts";

/** A preset, and what to change of it. */
export interface TrainConfigChoices extends Pick<ChunkSource, "device"> {
  /** Default: `bytes-small`. */
  readonly preset?: PresetName;
  readonly model?: DeepPartial<WrittenModelConfig>;
  readonly training?: DeepPartial<TrainingConfig>;
  readonly data?: DeepPartial<DataConfig>;
}

/**
 * A complete configuration of a run: a preset with single values changed, as a file or the flags of
 * `reformax train` would change them. An object of another `kind` (optimiser, schedule, positions)
 * replaces the preset's as a whole.
 *
 * @throws InputError with every problem at once: wrong values, unknown keys (with the nearest known
 *   one), and parts that do not fit together
 * @example
 * import { trainConfig } from "reformax/training";
 * const config = trainConfig({
 *   preset: "bytes-medium",
 *   model: { lsh: { rounds: 2 } },
 *   training: { batch: 4, schedule: { kind: "constant", rate: 1e-3, horizon: 1000 } },
 * });
 * console.log(config.model.lsh.rounds, config.model.lsh.chunk, config.training.schedule.kind);
 * // => 2 16 constant
 */
export const trainConfig = (choices: TrainConfigChoices = {}): TrainConfig => {
  checkOptions(choices, choiceKinds, "trainConfig");
  const { preset, device, ...flags } = choices;
  return orThrowFrom("trainConfig")(
    resolveConfig({ presets, preset, defaultPreset, flags, device }),
  );
};

const choiceKinds: KindsOf<TrainConfigChoices> = {
  preset: "text",
  device: "object",
  model: "object",
  training: "object",
  data: "object",
};
