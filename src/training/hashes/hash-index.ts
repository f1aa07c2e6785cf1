import * as E from "fp-ts/lib/Either.js";
import { differences } from "../../edge/merge-json.ts";
import type { Json } from "../../edge/json.ts";
import { orThrow, unlessProblems, type Problem, type Validated } from "../../edge/problem.ts";
import type { HashBuckets } from "../../reformer/models/hash-buckets.ts";
import {
  bytesBehind,
  cutOff,
  decodeHashes,
  decodeHeader,
  decodeRecord,
  type HashOwner,
  type HashRecord,
} from "./format.ts";

/** Bytes of a file; fewer where it ends. */
export type ReadAt = (at: number, length: number) => Uint8Array;

interface Found {
  readonly record: HashRecord;
  /** Where its line begins, and its bytes. */
  readonly line: number;
  readonly bytes: number;
}

/** A file of recorded hashes, of which only the lines have been read. */
export interface HashIndex {
  readonly of: HashOwner;
  readonly records: readonly Found[];
  /** Behind the last whole record. */
  readonly end: number;
  /** What is wrong behind it, if anything: a run that was killed leaves half a record. */
  readonly problem: Problem | undefined;
}

const longestLine = 2 ** 20;

/** @param where - the file's name, for messages */
export function indexHashes(read: ReadAt, size: number, where: string): Validated<HashIndex> {
  const header = lineAt(read, 0);
  return E.map((of: HashOwner): HashIndex => {
    const records: Found[] = [];
    let at = header.length + 1;
    while (at < size) {
      const step = (records.at(-1)?.record.step ?? firstStep(read, at) - 1) + 1;
      const line = lineAt(read, at);
      const record = decodeRecord(line, step, where);
      const bytes = at + line.length + 1;
      const isWhole = E.isRight(record) && bytes + bytesBehind(record.right) <= size;
      if (!isWhole) {
        const isCut = E.isRight(record) || bytes > size;
        const problem = isCut ? cutOff(where, step) : record.left[0];
        return { of, records, end: at, problem };
      }
      records.push({ record: record.right, line: at, bytes });
      at = bytes + bytesBehind(record.right);
    }
    return { of, records, end: at, problem: undefined };
  })(decodeHeader(header, where));
}

/** The step of the first record: a run that was resumed may begin anywhere. */
function firstStep(read: ReadAt, at: number): number {
  const [, step] = /^\{"step":(\d+),/.exec(new TextDecoder().decode(lineAt(read, at))) ?? [];
  return Number(step ?? 0);
}

/** What stands before the next end of a line, or all that is left. */
function lineAt(read: ReadAt, at: number): Uint8Array {
  for (let length = 2 ** 12; ; length *= 4) {
    const bytes = read(at, length);
    const end = bytes.indexOf(10);
    if (end >= 0) return bytes.subarray(0, end);
    if (bytes.length < length || length >= longestLine) return bytes;
  }
}

/**
 * The buckets of a step.
 *
 * @throws InputError where the file has none of that step, or they are damaged
 */
export function hashesOf(
  { records, problem }: HashIndex,
  read: ReadAt,
  step: number,
  where: string,
): HashBuckets {
  const found = records[step - (records[0]?.record.step ?? 0)];
  if (found) {
    const bytes = read(found.bytes, bytesBehind(found.record));
    return orThrow(decodeHashes(found.record, bytes, where));
  }
  const [first, last] = [records.at(0), records.at(-1)];
  const none: Problem = {
    where,
    problem: `has no hashes of step ${step}`,
    got: first && last ? `steps ${first.record.step} to ${last.record.step}` : "no step at all",
    fix: "Record as many steps as are replayed, from the same one on.",
  };
  return orThrow(E.left([problem ?? none]));
}

/** Whether they are those of such a run. */
export const checkOwner = (stored: HashOwner, own: HashOwner, where: string): Validated<true> =>
  unlessProblems(
    differences(stored, own).map(({ where: key, a, b }) => ({
      where: `${where}: ${key}`,
      problem: "differs from what the hashes were recorded with",
      expected: shown(a),
      got: shown(b),
      fix: "Replay with the configuration and the data of the recording, or record again.",
    })),
    () => true,
  );

const shown = (value: Json | undefined): string => JSON.stringify(value ?? null);
