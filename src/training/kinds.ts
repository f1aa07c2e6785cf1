/** What arguments of training may be, for callers whose types nobody checked. */
import { checkPartsOf, type KindsOf } from "../core/arguments.ts";
import { orAbsent } from "../core/kinds.ts";
import type { Checkpoint } from "./checkpoint/checkpoint.ts";
import { tensorsKind } from "./checkpoint/check-tensors.ts";
import type { Task } from "./task/task.ts";

/** What a task is in any call: its name, and what its checkpoints hold. */
type TaskIdentity = Pick<Task, "name" | "config">;

const identityKinds: KindsOf<TaskIdentity> = { name: "text", config: orAbsent("object") };

export const checkIdentity = (task: TaskIdentity, where: string): void =>
  void checkPartsOf(task, identityKinds, "task", where);

const checkpointKinds: KindsOf<Checkpoint<object>> = {
  step: "count",
  config: "object",
  progress: "object",
  tensors: tensorsKind,
  writer: orAbsent("object"),
};

export const checkCheckpoint = (checkpoint: Checkpoint<object>, where: string): void =>
  void checkPartsOf(checkpoint, checkpointKinds, "checkpoint", where);
