import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { isJsonObject, type Json, type JsonObject } from "../../edge/json.ts";
import { kindOf } from "../../edge/kind-of.ts";
import { invalid, within, type Validated } from "../../edge/problem.ts";
import { parseTrainConfig, type TrainConfig } from "../config/train-config.ts";
import { nextTokenName } from "../task/name.ts";
import type { Task } from "../task/task.ts";
import { configJson, type Checkpoint, type StoredCheckpoint } from "./checkpoint.ts";

/** A task as far as its checkpoints tell it from others. */
export type TaskIdentity = Pick<Task, "name" | "config">;

/** Reads the configuration of a checkpoint. */
export type ConfigDecoder<Config extends object> = (stored: Json) => Validated<Config>;

/**
 * What checkpoints hold of a task: its configuration, with its name as `task.kind`. Predicting the next token is not named:
 * it was the only task once.
 */
export function storedConfig({ name, config = {} }: TaskIdentity): JsonObject {
  const own = configJson(config);
  if (name === nextTokenName) return own;
  return { ...own, task: { ...(isJsonObject(own.task) && own.task), kind: name } };
}

/** The name of the task that a configuration is of. */
export const taskNameOf = (config: Json): string =>
  isJsonObject(config) && isJsonObject(config.task) && typeof config.task.kind === "string"
    ? config.task.kind
    : nextTokenName;

/** What `read` gives of a configuration of the task of this name; others are refused. */
const ofTask =
  <Config extends object>(expected: string, read: ConfigDecoder<Config>): ConfigDecoder<Config> =>
  (stored) => {
    const got = taskNameOf(stored);
    if (got === expected) return read(stored);
    return invalid({
      where: "task",
      problem: "this is a checkpoint of another task",
      expected,
      got,
      fix: `Read it, and go on with it, as what it is: with the task ${got}.`,
    });
  };

const anyObject: ConfigDecoder<JsonObject> = (stored) =>
  isJsonObject(stored)
    ? E.right(stored)
    : invalid({ where: "config", problem: "is not an object", got: kindOf(stored) });

/** Of checkpoints of language models. */
export const trainConfigOf: ConfigDecoder<TrainConfig> = ofTask(nextTokenName, parseTrainConfig);

/** Of checkpoints of a task. */
export const taskConfigOf = ({ name }: TaskIdentity): ConfigDecoder<object> =>
  name === nextTokenName ? trainConfigOf : ofTask(name, anyObject);

/** Of whatever task a stored configuration says that it is of. */
export const anyTaskConfig: ConfigDecoder<object> = (stored) =>
  taskNameOf(stored) === nextTokenName ? parseTrainConfig(stored) : anyObject(stored);

/** The checkpoint that stored contents stand for, or every problem of its configuration. */
export const checkpointFrom =
  <Config extends object>(decode: ConfigDecoder<Config>) =>
  <Stored extends StoredCheckpoint>(
    stored: Stored,
  ): Validated<Checkpoint<Config> & Pick<Stored, "writer">> =>
    within("checkpoint: ")(
      pipe(
        decode(stored.config),
        E.chain((config) =>
          isJsonObject(stored.progress)
            ? E.right({ ...stored, config, progress: stored.progress })
            : invalid({
                where: "progress",
                problem: "is not an object",
                got: kindOf(stored.progress),
              }),
        ),
      ),
    );
