import type { BeamOptions } from "../../generation/beam-state.ts";
import type { Json, JsonObject } from "../../edge/json.ts";
import type { Validated } from "../../edge/problem.ts";
import type { HuggingFaceModel, Tokenizer } from "../../interop/index.ts";
import type { HeadKind } from "../../interop/huggingface/weights.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";
import type { ChunkSource } from "../config/row-chunks.ts";
import type { TrainingConfig } from "../config/training-config.ts";
import type { TokenRange } from "../data/split.ts";
import type { RunKeys } from "../run-keys.ts";
import type { LearnedTask } from "./learner.ts";

/** What the configurations of all tasks have. */
export interface RunConfig {
  readonly model: Pick<ReformerConfig, "feedForwardChunk" | "lossChunk">;
  readonly training: TrainingConfig;
  readonly data: { readonly train: TokenRange | null; readonly validation: TokenRange | null };
}

/** Data as bytes, to tell them apart by: what is learned from, and what a run is measured on. */
export interface DataParts {
  readonly train: Uint8Array;
  readonly validation: Uint8Array;
}

/** A run that could begin: configuration and data fit together. */
export interface PreparedTask<Config extends RunConfig = RunConfig> {
  /** With all that only the data tell: ranges, words, classes. */
  readonly config: Config;
  readonly parts: DataParts;
  /** As in `900 bytes to learn, 2 x 512 bytes per step`. */
  readonly summary: string;
  /** The task, by this configuration or the same with other chunks of rows. */
  readonly task: (config: Config, keys: RunKeys) => LearnedTask;
}

/** What a trained model is measured on, and how. */
export interface EvaluationRequest<Config extends RunConfig = RunConfig> {
  readonly config: Config;
  readonly state: unknown;
  readonly keys: RunKeys;
  readonly bytes: Uint8Array;
  /** What is measured of the data; where it is absent, the part that the run was measured on, or all of other data. */
  readonly range?: TokenRange;
  /** Whether these are the parts of the data of the run. */
  readonly isOfRun: (parts: DataParts) => boolean;
  readonly rounds?: number;
  readonly ablation?: string;
  /** What is written is also searched so. */
  readonly search?: Pick<BeamOptions, "beams" | "lengthPenalty">;
}

/** What a program needs of a task to train on it. */
export interface RunKind<Config extends RunConfig = RunConfig> {
  /** The word in `task.kind`. */
  readonly name: string;
  /** The preset of who names the task only. */
  readonly defaultPreset: string;
  /** There are no data: what is learned from is made as it is needed. */
  readonly makesData?: true;
  /** Its model, up to the head, is one of bytes, as those of other such tasks: a run may begin with the parameters of another task's. */
  readonly isOfBytes?: true;
  /** Reads a complete configuration. */
  readonly read: (value: Json, chunks?: ChunkSource) => Validated<Config>;
  readonly prepare: (
    config: Config,
    bytes: Uint8Array,
    tokenizer?: Tokenizer,
  ) => Validated<PreparedTask<Config>>;
  /** What makes states: a checkpoint's tensors are put into one. */
  readonly learner: (config: Config) => Pick<LearnedTask, "init">;
}

/** A task's model as HuggingFace has it. */
export interface HuggingFaceHead<Config extends RunConfig = RunConfig> {
  /** The name of its class there. */
  readonly architecture: string;
  readonly head: HeadKind;
  readonly write: (config: Config, state: unknown) => HuggingFaceModel;
  /** The sections of a configuration that say what a model with this config.json does, and with which tokens. */
  readonly read: (written: JsonObject) => { readonly task: JsonObject; readonly data: JsonObject };
}

/** A task that can also be measured by its name alone. */
export interface TaskKind<Config extends RunConfig = RunConfig> extends RunKind<Config> {
  /** What parts of the model can be taken away, to see what they are worth. */
  readonly ablations: readonly string[];
  /** Whether it writes texts, which can be searched by beams. */
  readonly searches?: boolean;
  /** Where HuggingFace has such a head. */
  readonly huggingFace?: HuggingFaceHead<Config>;
  /** The task's own metrics, in lines. */
  readonly evaluate: (request: EvaluationRequest<Config>) => Promise<readonly string[]>;
}

/**
 * A kind beside kinds of other configurations. Its functions are only called with configurations that its own `read` gave: nothing
 * else connects the two.
 */
export function anyKind<Config extends RunConfig>(kind: TaskKind<Config>): TaskKind;
export function anyKind<Config extends RunConfig>(kind: RunKind<Config>): RunKind;
export function anyKind(kind: unknown): RunKind {
  return kind as RunKind;
}
