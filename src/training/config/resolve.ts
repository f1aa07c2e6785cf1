import { checkOptions, checkSomeOf, type KindsOf } from "../../core/arguments.ts";
import { chunkSourceKinds, type ChunkSource } from "./row-chunks.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Json, JsonObject } from "../../edge/json.ts";
import { invalid, orThrow, type Validated } from "../../edge/problem.ts";
import { mergeJson } from "../../edge/merge-json.ts";
import { suggestion } from "../../core/suggest.ts";
import { parseTrainConfig, type TrainConfig } from "./train-config.ts";

/** Named configurations to start from. They need not be complete: a file may fill them in. */
export type Presets = Readonly<Record<string, JsonObject>>;

/**
 * Where the values of a configuration come from, in rising order of precedence after the preset.
 */
export interface ConfigSources extends ConfigLayers, ChunkSource {}

/** The same before anybody asks for chunks of rows. */
export interface ConfigLayers {
  readonly presets: Presets;
  /** Name from the command line; a file may name one with its key `preset`. */
  readonly preset?: string;
  readonly defaultPreset: string;
  readonly file?: JsonObject;
  readonly flags?: JsonObject;
}

/**
 * The configuration that results from a preset, a file laid over it and flags laid over both.
 *
 * @returns the complete configuration, or every problem
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { defaultPreset, presets, resolveConfig } from "reformax/training";
 * const file = { preset: "bytes-long", training: { batch: 2 } };
 * const flags = { training: { seed: 7 } };
 * const resolved = resolveConfig({ presets, defaultPreset, file, flags });
 * const used = E.isRight(resolved) && resolved.right.training;
 * console.log(used && [used.length, used.batch, used.seed]); // => [ 16384, 2, 7 ]
 */
export const resolveConfig = (sources: ConfigSources): Validated<TrainConfig> => {
  checkOptions(sources, sourceKinds, "resolveConfig");
  checkSomeOf(sources, { presets: "object", defaultPreset: "text" }, "sources", "resolveConfig");
  const { device, resumed, ...layers } = sources;
  return pipe(
    mergeSources(layers),
    E.chain((merged) => parseTrainConfig(merged, { device, resumed })),
  );
};

const sourceKinds: KindsOf<ConfigSources> = {
  presets: "object",
  preset: "text",
  defaultPreset: "text",
  file: "object",
  flags: "object",
  ...chunkSourceKinds,
};

/** The values of a configuration of any task, before they are read. */
export const mergeSources = ({
  presets,
  preset,
  defaultPreset,
  file = {},
  flags = {},
}: ConfigLayers): Validated<Json> => {
  const { preset: named, ...values } = file;
  return pipe(
    presetOf(presets, preset ?? named ?? defaultPreset),
    E.map((base) => mergeJson(mergeJson(base, values), flags)),
  );
};

/**
 * {@link resolveConfig}, throwing. From code, `trainConfig` is shorter, and typed.
 *
 * @throws InputError with every problem at once
 * @example
 * import { defaultPreset, presets, resolveConfigOrThrow } from "reformax/training";
 * console.log(resolveConfigOrThrow({ presets, defaultPreset }).training.length); // => 512
 */
export const resolveConfigOrThrow = (sources: ConfigSources): TrainConfig =>
  orThrow(resolveConfig(sources));

function presetOf(presets: Presets, name: Json): Validated<JsonObject> {
  const found =
    typeof name === "string" && Object.hasOwn(presets, name) ? presets[name] : undefined;
  return found === undefined
    ? invalid({
        where: "preset",
        problem: "there is no such preset",
        got: JSON.stringify(name),
        fix: suggestion(typeof name === "string" ? name : "", Object.keys(presets)),
      })
    : E.right(found);
}
