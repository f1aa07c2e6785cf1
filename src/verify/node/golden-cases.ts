import { existsSync } from "node:fs";
import { basename, join, relative } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { sequenceS } from "fp-ts/lib/Apply.js";
import { pipe } from "fp-ts/lib/function.js";
import { asJsonObject, parseJsonBytes, type JsonObject } from "../../edge/json.ts";
import {
  InputError,
  invalid,
  orThrow,
  validation,
  within,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import { safetensors } from "../../interop/index.ts";
import type { CaseRunner, GoldenCase, Verdict } from "../case.ts";
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
  const paths = casesBelow(folder);
  if (paths.length === 0) {
    throw new InputError([
      {
        where: folder,
        problem: "holds no cases",
        expected: "folders with an io.json and an io.safetensors, at any depth",
      },
    ]);
  }
  for (const path of paths) {
    const name = relative(folder, path) || basename(path);
    const read = readCase(path, name);
    yield E.isLeft(read)
      ? { name, outcome: "fail", problems: read.left }
      : await verifyCase(read.right, runners);
  }
}

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
  pipe(
    sequenceS(validation)({
      description: readJson(folder, "io.json"),
      config: optional(folder, "config.json", readJson),
      weights: optional(folder, "model.safetensors", readTensors),
      tensors: readTensors(folder, "io.safetensors"),
    }),
    E.chain(({ description, config, weights, tensors }) =>
      pipe(
        kindOfCase(description),
        E.map((kind) => ({
          name,
          kind,
          description,
          config,
          weights: weights ?? new Map(),
          tensors,
        })),
      ),
    ),
  );

/**
 * {@link readCase}, throwing.
 *
 * @throws InputError with every problem of every file
 */
export const readCaseOrThrow = (folder: string, name: string): GoldenCase =>
  orThrow(readCase(folder, name));

/** `hf/ReformerModelWithLMHead`: the library and the class, without remarks in brackets. */
function kindOfCase({ family, class: className, test }: JsonObject): Validated<string> {
  if (typeof family === "string" && typeof className === "string") {
    return E.right(`${family}/${className.replace(/\s*\(.*\)$/, "")}`);
  }
  if (typeof family === "string" && typeof test === "string") return E.right(`${family}/${test}`);
  return invalid({ where: "io.json", problem: "does not say family and class" });
}

const read = (folder: string, name: string): Validated<Uint8Array> => {
  const path = join(folder, name);
  try {
    return E.right(readRegularFile(path));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return E.left(error.problems.map((problem: Problem) => ({ ...problem, where: name })) as never);
  }
};

const readJson = (folder: string, name: string): Validated<JsonObject> =>
  pipe(
    read(folder, name),
    E.chain((bytes) => parseJsonBytes(bytes, name)),
    E.chain((value) => asJsonObject(value, name)),
  );

const readTensors = (folder: string, name: string): Validated<GoldenCase["tensors"]> =>
  pipe(
    read(folder, name),
    E.chain((bytes) => within(`${name} `)(safetensors.parse(bytes))),
    E.map(({ tensors }) => tensors),
  );

const optional = <A>(
  folder: string,
  name: string,
  reader: (folder: string, name: string) => Validated<A>,
): Validated<A | undefined> =>
  existsSync(join(folder, name)) ? reader(folder, name) : E.right(undefined);
