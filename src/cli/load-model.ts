import {
  stateOfOrThrow,
  type Checkpoint,
  type RunKeys,
  type TrainableModel,
  type TrainConfig,
} from "../training/index.ts";
import { loadCheckpoint } from "../training/node/index.ts";
import type { BackendFlags, Services } from "./services.ts";

/** A trained model, ready to use. */
export interface LoadedModel {
  readonly checkpoint: Checkpoint;
  readonly config: TrainConfig;
  readonly model: TrainableModel;
  readonly state: unknown;
  readonly keys: RunKeys;
}

/**
 * Loads the checkpoint of `path`, a file or a folder, or the newest intact one below it; damaged ones are named on standard
 * error.
 */
export async function loadModel(
  path: string,
  backend: BackendFlags,
  services: Services,
): Promise<LoadedModel> {
  const { checkpoint, warnings } = loadCheckpoint(path);
  for (const warning of warnings) console.error(`reformax: ${warning}`);
  const { config } = checkpoint;
  await services.startBackend({ arithmetic: config.training.arithmetic, ...backend });
  const keys = services.runKeys(config.training.seed);
  const model = services.createModel(config);
  return { checkpoint, config, model, state: stateOfOrThrow(checkpoint, model), keys };
}
