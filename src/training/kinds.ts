/** What arguments of training may be, for callers whose types nobody checked. */
import { checkPartsOf, checkSomeOf, type KindsOf } from "../core/arguments.ts";
import { listOf, orAbsent } from "../core/kinds.ts";
import { tensorsKind } from "./checkpoint/check-tensors.ts";
import type { Checkpoint } from "./checkpoint/checkpoint.ts";
import type { TrainableModel } from "./next-token/model.ts";
import type { RunKeys } from "./run-keys.ts";
import type { Task } from "./task/task.ts";
import { keyKind, stepKind } from "./value-kinds.ts";

const runKeysKinds: KindsOf<RunKeys> = {
  base: keyKind,
  initial: keyKind,
  evaluation: keyKind,
  step: "function",
  words: "function",
};

export const checkRunKeys = (keys: RunKeys, where: string): RunKeys =>
  checkPartsOf(keys, runKeysKinds, "keys", where);

type ModelParts = Omit<TrainableModel, "planStep" | "reader" | "huggingFace">;

const modelKinds: KindsOf<ModelParts> = {
  vocabulary: "size",
  layers: listOf("text"),
  init: "function",
  parameterCount: "function",
  step: "function",
  evaluate: "function",
  predict: "function",
};

/** A language model that is trained. */
export const checkModel = (model: ModelParts, where: string): void =>
  void checkPartsOf(model, modelKinds, "model", where);

/** What a task is in any call: its name, and what its checkpoints hold. */
type TaskIdentity = Pick<Task, "name" | "config" | "keys">;

const identityKinds: KindsOf<TaskIdentity> = {
  name: "text",
  config: orAbsent("object"),
  keys: orAbsent("object"),
};

export function checkIdentity(task: TaskIdentity, where: string): void {
  checkPartsOf(task, identityKinds, "task", where);
  if (task.keys) checkRunKeys(task.keys, where);
}

const runKinds = {
  metrics: "list",
  measured: orAbsent("list"),
  init: "function",
  batch: "function",
  step: "function",
  read: orAbsent("function"),
  measure: orAbsent("function"),
} as const;

/** What of a task does not depend on its state. */
type RunnableTask = TaskIdentity & { readonly [Part in keyof typeof runKinds]?: unknown };

/** A task that can be run. */
export function checkRunnable(task: RunnableTask, where: string): void {
  checkIdentity(task, where);
  checkSomeOf(task, runKinds, "task", where);
}

const checkpointKinds: KindsOf<Checkpoint<object>> = {
  step: stepKind,
  config: "object",
  progress: "object",
  tensors: tensorsKind,
  writer: orAbsent("object"),
};

export const checkCheckpoint = (checkpoint: Checkpoint<object>, where: string): void =>
  void checkPartsOf(checkpoint, checkpointKinds, "checkpoint", where);
