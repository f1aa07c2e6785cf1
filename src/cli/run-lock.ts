import {
  existsSync,
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import * as E from "fp-ts/lib/Either.js";
import { attempt, inputError, type InputError, type Validated } from "../edge/problem.ts";
import { parseJsonBytes } from "../edge/json.ts";
import { integer, nullable, string, struct, type Decoded } from "../edge/decoder.ts";
import { codeOf, withFile } from "../edge/node/file-errors.ts";
import { makeFolder } from "../edge/node/make-folder.ts";
import { readRegularFile } from "../edge/node/read-file.ts";
import { temporaryName, writeSynced } from "../edge/node/atomic-write.ts";
import { isSameProcess, startOfProcess } from "./process-identity.ts";

/** Says in a run's folder which process trains there. */
export const lockName = "train.lock";

/** Who holds a lock. Numbers of processes come again: the time of its start tells one from another. */
const ownerDecoder = struct({
  host: string,
  pid: integer({ min: 1 }),
  started: nullable(string),
  token: string,
});

type Owner = Decoded<typeof ownerDecoder>;

/**
 * Keeps other runs out of a folder, which is made where it is missing. A lock whose process has ended, by whatever means, is
 * taken over.
 *
 * @returns what gives the folder free; it removes folders that were made here and hold nothing
 * @throws InputError when another process trains there, or the folder cannot be used
 */
export function lockRun(folder: string): () => void {
  const made = makeFolder(folder);
  const path = join(folder, lockName);
  const owner: Owner = {
    host: hostname(),
    pid: process.pid,
    started: startOfProcess(process.pid) ?? null,
    token: randomUUID(),
  };
  try {
    while (!take(path, owner)) {
      withFile(path, "lock", () => {
        removeStale(path);
      });
    }
  } catch (error) {
    removeEmpty(made);
    throw error;
  }
  removeLeftovers(folder);
  const release = (): void => {
    process.off("exit", release);
    const holder = holderOf(path);
    if (E.isRight(holder) && holder.right.token === owner.token) rmSync(path, { force: true });
    removeEmpty(made);
  };
  // Also where a second Ctrl-C ends the process at once.
  process.once("exit", release);
  return release;
}

/** What was left by processes that were killed while they asked for the lock; others that ask will find it taken. */
function removeLeftovers(folder: string): void {
  withFile(folder, "clean up", () => {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(temporaryName("lock-"))) rmSync(join(folder, name), { force: true });
    }
  });
}

/** File systems without hard links say so in one of these ways. */
const noLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Whether the lock is ours now. It appears with all of its contents, where links are possible: nobody reads half a lock. */
function take(path: string, owner: Owner): boolean {
  const bytes = new TextEncoder().encode(`${JSON.stringify(owner)}\n`);
  const temporary = join(dirname(path), temporaryName(`lock-${owner.token}`));
  try {
    writeSynced(temporary, bytes);
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (!noLinks.has(codeOf(error) ?? "")) throw error;
      writeFileSync(path, bytes, { flag: "wx" });
    }
    return true;
  } catch (error) {
    // Held by somebody, or just taken by somebody, who cleaned up.
    if (["EEXIST", "ENOENT"].includes(codeOf(error) ?? "")) return false;
    return withFile(path, "lock", () => {
      throw error;
    });
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Takes a lock away whose process is gone. */
function removeStale(path: string): void {
  const holder = holderOf(path);
  // Given free meanwhile.
  if (!existsSync(path)) return;
  if (E.isLeft(holder)) throw unreadable(path, holder);
  const { host, pid, started, token } = holder.right;
  if (host !== hostname() || isSameProcess(pid, started)) throw inUse(path, holder.right);
  // Somebody else may take it over at the same moment: only who moves the stale one away goes on.
  const aside = join(dirname(path), temporaryName(`lock-stale-${randomUUID()}`));
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const moved = holderOf(aside);
  const fresh = E.isRight(moved) && moved.right.token !== token ? moved.right : undefined;
  if (fresh !== undefined) linkSync(aside, path);
  rmSync(aside, { force: true });
  if (fresh !== undefined) throw inUse(path, fresh);
}

const holderOf = (path: string): Validated<Owner> =>
  E.chain((bytes: Uint8Array) =>
    E.chain((value: Parameters<typeof ownerDecoder>[0]) => ownerDecoder(value, ""))(
      parseJsonBytes(bytes, path),
    ),
  )(attempt(() => readRegularFile(path, { most: 2 ** 16 })));

const inUse = (path: string, { pid, host }: Owner): InputError =>
  inputError({
    where: dirname(path),
    problem: `process ${pid} on ${host} is training there`,
    fix:
      host === hostname()
        ? "Wait for it or end it, or name another folder."
        : `Wait for it, or name another folder; if that process has ended, remove ${path}.`,
  });

const unreadable = (path: string, holder: E.Left<InputError["problems"]>): InputError =>
  inputError({
    where: path,
    problem: "is no lock that can be understood",
    got: holder.left[0].problem,
    fix: "If no other process trains in this folder, remove it.",
  });

function removeEmpty(made: readonly string[]): void {
  for (const folder of [...made].reverse()) {
    try {
      rmdirSync(folder);
    } catch {
      // It holds something, so it is wanted.
      return;
    }
  }
}
