import { orThrow } from "../edge/problem.ts";
import { configJson } from "../training/checkpoint/checkpoint.ts";
import { taskNameOf } from "../training/checkpoint/task-config.ts";
import type { Checkpoint } from "../training/index.ts";
import { loadAnyCheckpoint, type Loaded } from "../training/node/index.ts";
import type { RunConfig, TaskKind } from "../training/task/kind.ts";
import { kindOf } from "./run-kinds.ts";
import type { Services } from "./services.ts";

/** A checkpoint of whatever task, read once. */
export type AnyModel =
  | { readonly task: TaskCheckpoint }
  /** Of predicting the next token, for `loadModel`. */
  | { readonly task?: undefined; readonly loaded: Loaded };

/** A checkpoint of a task besides predicting the next token. */
export interface TaskCheckpoint {
  readonly kind: TaskKind;
  readonly config: RunConfig;
  readonly checkpoint: Checkpoint<object>;
}

/** The newest intact checkpoint of `path`. Damaged ones are named on standard error, where it is of the next token by `loadModel`. */
export function openModel(path: string, services: Services): AnyModel {
  const loaded = loadAnyCheckpoint(path);
  const { checkpoint, warnings } = loaded;
  const json = configJson(checkpoint.config);
  const { name } = orThrow(kindOf(services, taskNameOf(json)));
  // A configuration of the next token has been read as one.
  if (!Object.hasOwn(services.kinds, name)) return { loaded: loaded as Loaded };
  for (const warning of warnings) console.error(`reformax: ${warning}`);
  const kind = services.kinds[name];
  return { task: { kind, config: orThrow(kind.read(json)), checkpoint } };
}
