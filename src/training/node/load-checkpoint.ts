import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { InputError, formatProblem, orThrow, type Problem } from "../../edge/problem.ts";
import {
  checkpointFrom,
  type Checkpoint,
  type StoredCheckpoint,
} from "../checkpoint/checkpoint.ts";
import type { Writer } from "../checkpoint/format.ts";
import { checkpointName, manifestName, stepOfName } from "../checkpoint/manifest.ts";
import { stepsIn } from "./checkpoint-files.ts";
import { isOfNewerFormat, readFolder, readSingleFile } from "./read-checkpoint.ts";

/** The newest intact checkpoint, and a message for every newer one that had to be passed over. */
export interface Loaded {
  readonly checkpoint: Checkpoint;
  /** What wrote it, in which format. */
  readonly writer: Writer;
  readonly warnings: readonly string[];
}

/**
 * Reads a checkpoint: a single file, a checkpoint's directory, or the newest intact one of a run's folder.
 *
 * @throws InputError when there is none, naming what is wrong with each, or when a newer version of reformax wrote one
 */
export function loadCheckpoint(path: string): Loaded {
  if (existsSync(path) && statSync(path).isFile()) {
    return loaded(orThrow(readSingleFile(path)), []);
  }
  if (stepOfName(basename(path)) !== undefined || existsSync(join(path, manifestName))) {
    return fromFolder(orThrow(readFolder(path)), []);
  }
  return newestIntact(path);
}

const loaded = (
  { version, writer, ...checkpoint }: Checkpoint & Writer,
  warnings: readonly string[],
): Loaded => ({
  checkpoint,
  writer: { version, ...(writer !== undefined && { writer }) },
  warnings,
});

/** A configuration that this version cannot read is no damage: the checkpoint before has the same one. */
const fromFolder = (
  { version, writer, ...stored }: StoredCheckpoint & Writer,
  warnings: readonly string[],
): Loaded => loaded({ ...orThrow(checkpointFrom(stored)), version, writer }, warnings);

function newestIntact(folder: string): Loaded {
  const warnings: string[] = [];
  const problems: Problem[] = [];
  for (const step of stepsIn(folder)) {
    const path = join(folder, checkpointName(step));
    const found = readFolder(path);
    if (E.isRight(found)) return fromFolder(found.right, warnings);
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
