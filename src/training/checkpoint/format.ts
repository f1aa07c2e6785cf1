import * as E from "fp-ts/lib/Either.js";
import { type Json, type JsonObject } from "../../edge/json.ts";
import { kindOf } from "../../edge/kind-of.ts";
import { invalid, type Validated } from "../../edge/problem.ts";

/** What every checkpoint calls itself, in its manifest or in its file's metadata. */
export const formatName = "reformax-checkpoint";

/**
 * The format that is written. A change of what is written is a new number, and its checkpoints join test/golden/checkpoints.
 *
 * 1: a folder, whose manifest does not say what wrote it. 2: it does; besides, a checkpoint may be a single file.
 */
export const formatVersion = 2;

/** Hexadecimal SHA-256 of bytes; injected, because a page and Node have different ones. */
export type Digest = (bytes: Uint8Array) => string;

/** What a file says about itself: who wrote which format. */
export interface Writer {
  /** Number of the format. */
  readonly version: number;
  /** Version of reformax; format 1 did not say. */
  readonly writer?: string;
}

/**
 * The number of a format that this version reads, or a problem that says what to do.
 *
 * @param from - the oldest format that has this kind of file
 */
export function checkVersion(note: JsonObject, where: string, from: number): Validated<number> {
  const { version, writer } = note;
  if (isNumber(version) && version >= from && version <= formatVersion) return E.right(version);
  const by = typeof writer === "string" ? `, written by reformax ${writer}` : "";
  const newer = typeof writer === "string" ? `reformax ${writer} or later` : "a newer reformax";
  return invalid({
    where,
    problem: "this version of reformax does not read this format of checkpoints",
    expected: from === formatVersion ? `format ${from}` : `format ${from} to ${formatVersion}`,
    got: `format ${kindOf(version)}${by}`,
    fix: `Use ${isNewer(note) ? newer : "the version of reformax that wrote it"}.`,
  });
}

/** Whether a note is of a format that came after all that this version knows. */
export const isNewer = ({ version }: JsonObject): boolean =>
  isNumber(version) && version > formatVersion;

const isNumber = (value: Json | undefined): value is number => Number.isSafeInteger(value);
