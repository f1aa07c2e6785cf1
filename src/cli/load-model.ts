import {
  stateOfOrThrow,
  type Checkpoint,
  type RunKeys,
  type TrainableModel,
  type TrainConfig,
} from "../training/index.ts";
import { loadCheckpoint, type Loaded } from "../training/node/index.ts";
import type { Tokenizer } from "../interop/index.ts";
import { openTokenizer, tokenizerOf } from "./tokenizer-file.ts";
import type { BackendFlags, Services } from "./services.ts";

/** A trained model, ready to use. */
export interface LoadedModel {
  readonly checkpoint: Checkpoint;
  readonly config: TrainConfig;
  readonly model: TrainableModel;
  readonly state: unknown;
  readonly keys: RunKeys;
  /** Makes ids of texts, and texts of ids. */
  readonly tokenizer?: Tokenizer;
  /** The bytes of its file, if it has one. */
  readonly tokenizerFile?: Uint8Array;
}

/** What the user chose for using a model. */
export interface ModelFlags extends BackendFlags {
  /** A file, or the name of a tokenizer without one. */
  readonly tokenizer?: string;
}

/**
 * Loads the checkpoint of `path`, a file or a folder, or the newest intact one below it; damaged ones are named on standard
 * error.
 *
 * @param loaded - what was read of it already
 */
export async function loadModel(
  path: string,
  flags: ModelFlags,
  services: Services,
  { checkpoint, warnings }: Loaded = loadCheckpoint(path),
): Promise<LoadedModel> {
  for (const warning of warnings) console.error(`reformax: ${warning}`);
  const { config } = checkpoint;
  const { tokenizer: named, ...backend } = flags;
  const own = config.data.tokenizer;
  const opened =
    named !== undefined
      ? await openTokenizer(named)
      : own !== undefined
        ? await tokenizerOf(path, own)
        : undefined;
  await services.startBackend({ arithmetic: config.training.arithmetic, ...backend });
  const keys = services.runKeys(config.training.seed);
  const model = services.createModel(config);
  return {
    checkpoint,
    config,
    model,
    state: stateOfOrThrow(checkpoint, model),
    keys,
    ...(opened && { tokenizer: opened.tokenizer, tokenizerFile: opened.file }),
  };
}
