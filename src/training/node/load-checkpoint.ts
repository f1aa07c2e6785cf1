import { checkKinds } from "../../core/arguments.ts";
import { checkIdentity } from "../kinds.ts";
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { InputError, formatProblem, orThrow, type Problem } from "../../edge/problem.ts";
import type { Checkpoint, StoredCheckpoint, Written } from "../checkpoint/checkpoint.ts";
import type { TrainConfig } from "../config/train-config.ts";
import type { Writer } from "../checkpoint/format.ts";
import { checkpointName, manifestName, stepOfName } from "../checkpoint/manifest.ts";
import {
  anyTaskConfig,
  checkpointFrom,
  taskConfigOf,
  trainConfigOf,
  type ConfigDecoder,
  type TaskIdentity,
} from "../checkpoint/task-config.ts";
import { stepsIn } from "./checkpoint-files.ts";
import { isOfNewerFormat, readFolder, readSingleFile } from "./read-checkpoint.ts";

/** The newest intact checkpoint, and a message for every newer one that had to be passed over. */
export interface Loaded<Config extends object = TrainConfig> {
  readonly checkpoint: Checkpoint<Config>;
  /** What wrote it, in which format. */
  readonly writer: Writer;
  readonly warnings: readonly string[];
}

/**
 * Reads a checkpoint: a single file, a checkpoint's directory, or the newest intact one of a run's folder.
 *
 * @param task - the task that it has to be of; absent: a language model's
 * @throws InputError when there is none, naming what is wrong with each, when it is of another task, or when a newer version of
 * reformax wrote it
 */
export function loadCheckpoint(path: string): Loaded;
/** Of any task. */
export function loadCheckpoint(path: string, task: TaskIdentity): Loaded<object>;
export function loadCheckpoint(path: string, task?: TaskIdentity): Loaded<never> {
  if (task !== undefined) checkIdentity(task, "loadCheckpoint");
  const decode: ConfigDecoder<object> = task ? taskConfigOf(task) : trainConfigOf;
  return load(path, decode as ConfigDecoder<never>, "loadCheckpoint");
}

/** Reads a checkpoint of whatever task; its configuration is the task's to read. */
export const loadAnyCheckpoint = (path: string): Loaded<object> =>
  load(path, anyTaskConfig, "loadAnyCheckpoint");

function load<Config extends object>(
  path: string,
  decode: ConfigDecoder<Config>,
  where: string,
): Loaded<Config> {
  checkKinds({ path: [path, "path"] }, where);
  if (existsSync(path) && statSync(path).isFile()) {
    return loaded(orThrow(readSingleFile(path, decode)), []);
  }
  if (stepOfName(basename(path)) !== undefined || existsSync(join(path, manifestName))) {
    return fromFolder(decode, orThrow(readFolder(path)), []);
  }
  return newestIntact(path, decode);
}

const loaded = <Config extends object>(
  checkpoint: Written<Checkpoint<Config>>,
  warnings: readonly string[],
): Loaded<Config> => ({ checkpoint, writer: checkpoint.writer, warnings });

/** A configuration that this version cannot read is no damage: the checkpoint before has the same one. */
const fromFolder = <Config extends object>(
  decode: ConfigDecoder<Config>,
  stored: Written<StoredCheckpoint>,
  warnings: readonly string[],
): Loaded<Config> => loaded(orThrow(checkpointFrom(decode)(stored)), warnings);

function newestIntact<Config extends object>(
  folder: string,
  decode: ConfigDecoder<Config>,
): Loaded<Config> {
  const warnings: string[] = [];
  const problems: Problem[] = [];
  for (const step of stepsIn(folder)) {
    const path = join(folder, checkpointName(step));
    const found = readFolder(path);
    if (E.isRight(found)) return fromFolder(decode, found.right, warnings);
    // An older version must not go on from an older checkpoint where a newer one has trained further.
    if (isOfNewerFormat(path)) throw new InputError(found.left);
    problems.push(...found.left);
    warnings.push(
      `${found.left.map(formatProblem).join("; ")}. Using the previous checkpoint instead.`,
    );
  }
  const problem = existsSync(folder) ? "holds no intact checkpoint" : "does not exist";
  const expected = "a folder written by train --out, or a checkpoint in one file";
  throw new InputError([{ where: folder, problem, expected }, ...problems]);
}
