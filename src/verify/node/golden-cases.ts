import { existsSync } from "node:fs";
import { basename, join, relative } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import {
  checkKind,
  checkList,
  checkPartsOf,
  checkText,
  type KindsOf,
} from "../../core/arguments.ts";
import {
  InputError,
  orThrowFrom,
  type Problem,
  type Problems,
  type Validated,
} from "../../edge/problem.ts";
import type { CaseRunner, GoldenCase, Verdict } from "../case.ts";
import { decodeCase } from "../decode-case.ts";
import { verifyCase } from "../verify-case.ts";
import { listFolder } from "../../edge/node/list-folder.ts";
import { readRegularFile } from "../../edge/node/read-file.ts";

/** A folder that holds one of these is a case, also if others are missing. */
const caseFiles = ["io.json", "io.safetensors"];

/** Verifies every case below a folder, one after the other, in the order of their names. */
export async function* verifyFolder(
  folder: string,
  runners: readonly CaseRunner[],
): AsyncGenerator<Verdict> {
  checkKind(folder, "path", "the folder", "verifyFolder");
  for (const runner of checkList(runners, "runners", "verifyFolder")) {
    checkPartsOf(runner, runnerKinds, "a runner", "verifyFolder");
  }
  const paths = casesBelow(folder);
  if (paths.length === 0) {
    const problems: Problems = [
      {
        where: folder,
        problem: "holds no cases",
        expected: "folders with an io.json and an io.safetensors, at any depth",
        got: "none",
      },
    ];
    throw new InputError(problems, "verifyFolder");
  }
  for (const path of paths) {
    const name = relative(folder, path) || basename(path);
    const read = readCase(path, name);
    yield E.isLeft(read)
      ? { name, outcome: "fail", problems: read.left }
      : await verifyCase(read.right, runners);
  }
}

const runnerKinds: KindsOf<CaseRunner> = {
  kinds: "list",
  features: { expected: "a Set of features", is: (x) => x instanceof Set },
  run: "function",
};

/** @param within - identities of the folders that lead here */
function casesBelow(path: string, within: readonly string[] = []): readonly string[] {
  const listing = listFolder(path, within, "read");
  if (listing === undefined) return [];
  const { names, identity } = listing;
  const own = caseFiles.some((name) => names.includes(name)) ? [path] : [];
  const below = names.flatMap((name) => casesBelow(join(path, name), [...within, identity]));
  return [...own, ...below];
}

/** Reads a case's files; every problem of each is reported. */
export const readCase = (folder: string, name: string): Validated<GoldenCase> =>
  readFrom(folder, name, "readCase");

const readFrom = (folder: string, name: string, where: string): Validated<GoldenCase> => {
  checkKind(folder, "path", "the folder", where);
  checkText(name, "the name", where);
  return decodeCase((file) => read(folder, file), name);
};

/**
 * {@link readCase}, throwing.
 *
 * @throws InputError with every problem of every file
 */
export const readCaseOrThrow = (folder: string, name: string): GoldenCase =>
  orThrowFrom("readCaseOrThrow")(readFrom(folder, name, "readCaseOrThrow"));

const read = (folder: string, name: string): Validated<Uint8Array | undefined> => {
  const path = join(folder, name);
  if (!existsSync(path)) return E.right(undefined);
  try {
    return E.right(readRegularFile(path));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return E.left(error.problems.map((problem: Problem) => ({ ...problem, where: name })) as never);
  }
};
