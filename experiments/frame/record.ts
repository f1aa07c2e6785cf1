import { existsSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, parseJsonBytes, type JsonObject } from "../../src/edge/json.ts";
import { readRegularFile } from "../../src/edge/node/read-file.ts";
import { inputError, orThrow } from "../../src/edge/problem.ts";
import { writeAtomically } from "../../src/edge/node/atomic-write.ts";
import type { Results, Size } from "./experiment.ts";
import type { Machine } from "./machine.ts";

/** What a run of an experiment leaves, and goes on from. */
export interface RunRecord {
  readonly experiment: string;
  readonly size: Size;
  readonly seeds: number;
  readonly settings: JsonObject;
  /** Hashes of what it read, by the names of the sources. */
  readonly data: Readonly<Record<string, string>>;
  /** Where and when the last cell was measured. */
  readonly machine: Machine;
  /** All cells together, without what an interruption lost. */
  readonly seconds: number;
  readonly results: Results;
}

const mostBytes = 2 ** 26;

export const recordPath = (folder: string, name: string): string => join(folder, `${name}.json`);

/** What an earlier run has left in the folder, if there was one. @throws InputError for a file that is no such record */
export function readRecord(folder: string, name: string): RunRecord | undefined {
  const path = recordPath(folder, name);
  if (!existsSync(path)) return undefined;
  const doing = "read the results of an experiment";
  const json = orThrow(parseJsonBytes(readRegularFile(path, { most: mostBytes, doing }), path));
  if (isJsonObject(json) && json.experiment === name && isResults(json.results)) {
    return json as unknown as RunRecord;
  }
  throw inputError({
    where: path,
    problem: "is no record of this experiment",
    expected: `what reformax reproduce ${name} has written`,
    fix: "Choose another folder with --out.",
  });
}

const isResults = (results: unknown): boolean =>
  typeof results === "object" &&
  results !== null &&
  Object.values(results).every(
    (numbers: unknown) =>
      typeof numbers === "object" &&
      numbers !== null &&
      Object.values(numbers).every((value) => value === null || typeof value === "number"),
  );

export const writeRecord = (folder: string, record: RunRecord): void => {
  writeText(recordPath(folder, record.experiment), `${JSON.stringify(record, null, 1)}\n`);
};

export const writeText = (path: string, text: string): void => {
  writeAtomically(path, new TextEncoder().encode(text));
};
