import type { RunKeys, TrainableModel, TrainConfig } from "../training/index.ts";
import { loadCheckpoint, type Checkpoint } from "../training/node/index.ts";
import { configOf, stateOf } from "./run-folder.ts";
import type { BackendFlags, Services } from "./services.ts";

/** A trained model, ready to use. */
export interface LoadedModel {
  readonly checkpoint: Checkpoint;
  readonly config: TrainConfig;
  readonly model: TrainableModel;
  readonly state: unknown;
  readonly keys: RunKeys;
}

/** Loads the checkpoint of `path`, or the newest intact one below it; damaged ones are named on standard error. */
export async function loadModel(
  path: string,
  backend: BackendFlags,
  services: Services,
): Promise<LoadedModel> {
  const { checkpoint, warnings } = loadCheckpoint(path);
  for (const warning of warnings) console.error(`reformax: ${warning}`);
  const config = configOf(checkpoint);
  await services.startBackend({ arithmetic: config.training.arithmetic, ...backend });
  const keys = services.runKeys(config.training.seed);
  const model = services.createModel(config);
  return { checkpoint, config, model, state: stateOf(checkpoint, model, keys), keys };
}
