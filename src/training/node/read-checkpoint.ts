import { basename, join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { InputError, invalid, within, type Validated } from "../../edge/problem.ts";
import { readRegularFile } from "../../edge/node/read-file.ts";
import type { Checkpoint, StoredCheckpoint, Written } from "../checkpoint/checkpoint.ts";
import { decodeFile } from "../checkpoint/file.ts";
import { decodeFolder } from "../checkpoint/folder.ts";
import { isNewerManifest, manifestName, stepOfName } from "../checkpoint/manifest.ts";
import type { ConfigDecoder } from "../checkpoint/task-config.ts";
import { sha256 } from "./checkpoint-files.ts";

/** A file of a checkpoint is as large as its model, and is read at once. */
const mostBytes = 2 ** 36;

/** Reads one checkpoint directory and checks every byte of it. */
export function readFolder(path: string): Validated<Written<StoredCheckpoint>> {
  const named = stepOfName(basename(path));
  return within(`${path}: `)(
    pipe(
      decodeFolder((name) => readFile(join(path, name), name), sha256),
      E.chain((stored): Validated<Written<StoredCheckpoint>> => {
        if (named === undefined || named === stored.step) return E.right(stored);
        const got = `step ${stored.step} in its manifest`;
        return invalid({ where: basename(path), problem: "was renamed", got });
      }),
    ),
  );
}

/** Whether a checkpoint directory is of a format that came after all that this version knows. */
export const isOfNewerFormat = (path: string): boolean =>
  E.exists(isNewerManifest)(readFile(join(path, manifestName), manifestName));

/** Reads a checkpoint that is a single file and checks every byte of it. */
export const readSingleFile = <Config extends object>(
  path: string,
  decode: ConfigDecoder<Config>,
): Validated<Written<Checkpoint<Config>>> =>
  within(`${path}: `)(
    decodeFile(
      readRegularFile(path, { most: mostBytes, doing: "read the checkpoint" }),
      sha256,
      decode,
    ),
  );

function readFile(path: string, name: string): Validated<Uint8Array> {
  try {
    return E.right(readRegularFile(path, { most: mostBytes }));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return invalid({ where: name, problem: `cannot be read (${error.message})` });
  }
}
