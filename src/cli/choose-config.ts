import { sequenceS } from "fp-ts/lib/Apply.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Arithmetic } from "../backends/wasm/index.ts";
import { isJsonObject, type JsonObject } from "../edge/json.ts";
import { validation, type Problem, type Validated } from "../edge/problem.ts";
import type { DeviceLimits } from "../ir/backend.ts";
import { configJson } from "../training/checkpoint/checkpoint.ts";
import { taskNameOf } from "../training/checkpoint/task-config.ts";
import { mergeSources } from "../training/config/resolve.ts";
import { parseSplit } from "../training/index.ts";
import type { Checkpoint, Loaded } from "../training/node/index.ts";
import { nextTokenName } from "../training/task/name.ts";
import type { RunConfig, RunKind } from "../training/task/kind.ts";
import { readConfigFile } from "./read-config.ts";
import { configOfTask } from "./other-task.ts";
import { kindOf, nextTokenOf } from "./run-kinds.ts";
import type { Services } from "./services.ts";
import type { NamedTokenizer } from "./tokenizer-file.ts";

/** What `train` was asked for. */
export interface TrainFlags {
  /** The name of a task. */
  readonly task?: string;
  readonly preset?: string;
  readonly config?: string;
  /** Absent where the task makes its data. */
  readonly data?: string;
  /** Bytes. */
  readonly maxData?: number;
  readonly split?: string;
  readonly out: string;
  readonly seed?: number;
  /** Bytes. */
  readonly memoryBudget?: number;
  readonly arithmetic?: Arithmetic;
  readonly resume?: boolean;
  /** A checkpoint whose model and parameters a new run begins with. */
  readonly from?: string;
  /** A file, or the name of a tokenizer without one. */
  readonly tokenizer?: string;
}

/** A configuration, and the task that it is of. */
export interface Chosen {
  readonly kind: RunKind;
  readonly config: RunConfig;
}

export const contradictions = ({ from, preset, resume }: TrainFlags): readonly Problem[] => {
  if (from === undefined) return [];
  const others = [
    ...(resume === true ? ["--resume"] : []),
    ...(preset === undefined ? [] : ["--preset"]),
  ];
  return others.map((other) => ({
    where: "--from",
    problem: `cannot be with ${other}`,
    fix:
      other === "--resume"
        ? "Resuming goes on from what is in --out."
        : "The configuration is that of the checkpoint; --config changes values in it.",
  }));
};

/** The configuration that stands where otherwise the preset does. */
export interface Basis {
  readonly json: JsonObject;
  /** Of the run that goes on. */
  readonly resumed?: Checkpoint<object>;
}

export function basisOf(
  loaded: Loaded<object> | undefined,
  begun: Loaded<object> | undefined,
): Basis | undefined {
  if (loaded) return { json: configJson(loaded.checkpoint.config), resumed: loaded.checkpoint };
  if (!begun) return undefined;
  const json = configJson(begun.checkpoint.config);
  const { data } = json;
  // Ranges are those of the other run's data.
  const ranged = isJsonObject(data) && "train" in data;
  return { json: ranged ? { ...json, data: { ...data, train: null, validation: null } } : json };
}

export function chooseConfig(
  flags: TrainFlags,
  services: Services,
  basis: Basis | undefined,
  tokenizer: NamedTokenizer | undefined,
  device?: DeviceLimits,
): Validated<Chosen> {
  const parts = sequenceS(validation)({
    file: flags.config === undefined ? E.right({}) : readConfigFile(flags.config),
    split: flags.split === undefined ? E.right(undefined) : parseSplit(flags.split),
    named: flags.task === undefined ? E.right(undefined) : kindOf(services, flags.task),
  });
  return pipe(
    parts,
    E.chain((given) =>
      pipe(
        basisFor(given.named, basis, services),
        E.map((json) => ({ ...given, presets: json && { "the checkpoint's": json } })),
      ),
    ),
    E.chain(({ file, split, named, presets }) =>
      mergeSources({
        presets: { ...services.presets, ...presets },
        defaultPreset: presets
          ? "the checkpoint's"
          : (named ?? nextTokenOf(services)).defaultPreset,
        preset: flags.preset,
        file,
        flags: {
          ...(named && named.name !== nextTokenName && { task: { kind: named.name } }),
          ...((split ?? tokenizer) && {
            data: {
              ...(split && { train: split.train, validation: split.validation }),
              ...(tokenizer && { tokens: "text", tokenizer: tokenizer.name }),
            },
          }),
          ...(tokenizer &&
            !basis &&
            !choosesVocabulary(file) && { model: { vocabulary: tokenizer.tokenizer.size } }),
          training: {
            ...(flags.seed !== undefined && { seed: flags.seed }),
            ...(flags.memoryBudget !== undefined && { memoryBudget: flags.memoryBudget }),
            ...(flags.arithmetic !== undefined && { arithmetic: flags.arithmetic }),
          },
        },
      }),
    ),
    E.chain((merged) =>
      pipe(
        kindOf(services, taskNameOf(merged)),
        E.chain((kind) =>
          pipe(
            kind.read(merged, { device, resumed: basis?.resumed && chunksOf(basis.resumed) }),
            E.map((config) => ({ kind, config })),
          ),
        ),
      ),
    ),
  );
}

/** The configuration that stands where otherwise a preset does, if one does: of the task that was named, with the checkpoint's model. */
const basisFor = (
  named: RunKind | undefined,
  basis: Basis | undefined,
  services: Services,
): Validated<JsonObject | undefined> => {
  if (!basis || !named || basis.resumed) return E.right(basis?.json);
  return pipe(
    kindOf(services, taskNameOf(basis.json)),
    E.chain((kind) =>
      configOfTask(basis.json, kind, { ...named, preset: services.presets[named.defaultPreset] }),
    ),
  );
};

/** A model may have more ids than its tokenizer; whoever says nothing gets as many. */
const choosesVocabulary = ({ model }: JsonObject): boolean =>
  isJsonObject(model) && "vocabulary" in model;

/** The chunks that a run was begun with. */
const chunksOf = ({ config }: Checkpoint<object>): Pick<RunConfig, "model"> | undefined =>
  "model" in config ? (config as Pick<RunConfig, "model">) : undefined;
