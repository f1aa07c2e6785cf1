import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { parseJsonBytes } from "../../edge/json.ts";
import { safetensors } from "../../interop/index.ts";
import {
  InputError,
  formatProblem,
  invalid,
  within,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import {
  checkpointName,
  decodeManifest,
  manifestName,
  stepOfName,
  type FileRecord,
  type Manifest,
} from "../checkpoint/manifest.ts";
import {
  configName,
  progressName,
  sha256,
  stateName,
  stepsIn,
  type Checkpoint,
} from "./checkpoint-files.ts";
import { withFile } from "../../interop/node/file-errors.ts";

const fileNames = [configName, progressName, stateName];

/** Reads one checkpoint directory and checks every byte of it. */
export function readCheckpoint(path: string): Validated<Checkpoint> {
  const step = stepOfName(basename(path));
  return within(`${path}: `)(
    E.chain((manifest: Manifest): Validated<Checkpoint> => {
      if (step !== undefined && step !== manifest.step) {
        const got = `step ${manifest.step} in its manifest`;
        return invalid({ where: basename(path), problem: "was renamed", got });
      }
      return filesOf(path, manifest);
    })(readFile(path, manifestName, (bytes) => decodeManifest(bytes, sha256, manifestName))),
  );
}

function filesOf(path: string, manifest: Manifest): Validated<Checkpoint> {
  const names = Object.keys(manifest.files);
  if (names.join() !== fileNames.join()) {
    const expected = fileNames.join(" ");
    return invalid({ where: manifestName, problem: "wrong files", expected, got: names.join(" ") });
  }
  const read = <A>(name: string, decode: (bytes: Uint8Array) => Validated<A>) =>
    readFile(path, name, (bytes) =>
      E.chain(() => decode(bytes))(checkFile(name, bytes, manifest.files[name])),
    );
  const json = (name: string) => read(name, (bytes) => parseJsonBytes(bytes, name));
  const config = json(configName);
  if (E.isLeft(config)) return config;
  const progress = json(progressName);
  if (E.isLeft(progress)) return progress;
  return E.map(({ tensors }: safetensors.Safetensors) => ({
    step: manifest.step,
    config: config.right,
    progress: progress.right,
    tensors,
  }))(read(stateName, safetensors.parse));
}

function readFile<A>(
  folder: string,
  name: string,
  decode: (bytes: Uint8Array) => Validated<A>,
): Validated<A> {
  try {
    const path = join(folder, name);
    return decode(withFile(path, "read", () => readFileSync(path)));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return invalid({ where: name, problem: `cannot be read (${error.message})` });
  }
}

function checkFile(where: string, bytes: Uint8Array, record: FileRecord): Validated<true> {
  if (bytes.length !== record.bytes) {
    const got = `${bytes.length} bytes`;
    return invalid({ where, problem: "is torn", expected: `${record.bytes} bytes`, got });
  }
  if (sha256(bytes) !== record.sha256)
    return invalid({ where, problem: "is corrupt (wrong checksum)" });
  return E.right(true);
}

/** The newest intact checkpoint, and a message for every newer one that had to be passed over. */
export interface Loaded {
  readonly checkpoint: Checkpoint;
  readonly warnings: readonly string[];
}

/**
 * Reads a checkpoint directory, or the newest intact one of a run's folder.
 *
 * @throws InputError when there is none, naming what is wrong with each
 */
export function loadCheckpoint(path: string): Loaded {
  if (stepOfName(basename(path)) !== undefined || existsSync(join(path, manifestName))) {
    const only = readCheckpoint(path);
    if (E.isLeft(only)) throw new InputError(only.left);
    return { checkpoint: only.right, warnings: [] };
  }
  const warnings: string[] = [];
  const problems: Problem[] = [];
  for (const step of stepsIn(path)) {
    const found = readCheckpoint(join(path, checkpointName(step)));
    if (E.isRight(found)) return { checkpoint: found.right, warnings };
    problems.push(...found.left);
    warnings.push(
      `${found.left.map(formatProblem).join("; ")}. Using the previous checkpoint instead.`,
    );
  }
  const problem = existsSync(path) ? "holds no intact checkpoint" : "does not exist";
  throw new InputError([
    { where: path, problem, expected: "a folder written by train --out" },
    ...problems,
  ]);
}
