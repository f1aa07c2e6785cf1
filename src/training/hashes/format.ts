import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import * as E from "fp-ts/lib/Either.js";
import { sizeOf, type Shape } from "../../core/shape.ts";
import { tensorFrom } from "../../core/tensor.ts";
import { isJsonObject, parseJsonBytes, type Json, type JsonObject } from "../../edge/json.ts";
import { invalid, type Validated } from "../../edge/problem.ts";
import type { HashBuckets } from "../../reformer/models/hash-buckets.ts";

/*
 * A file of recorded hashes: a line of JSON that says whose they are, then for each step a line of JSON and, behind it, the buckets
 * of its layers as little-endian integers.
 *
 *     {"format":"reformax hashes","version":1,"of":{...}}
 *     {"step":0,"bits":16,"layers":[null,[4,2,2,512]],"sha256":"..."}
 *     ...bytes...
 *
 * `layers` has the shape of each layer's buckets, [batch, heads, rounds, length], null where it hashes nothing; `bits` is the width
 * of an integer, 16 or 32; `sha256` is that of the bytes. A step can be appended, and what is behind one cut off.
 */

/** Whose hashes they are: values at which a run that replays them must agree. */
export type HashOwner = JsonObject;

/** What the line of a step says. */
export interface HashRecord {
  readonly step: number;
  readonly bits: 16 | 32;
  readonly layers: readonly (Shape | null)[];
  readonly sha256: string;
}

const [format, version] = ["reformax hashes", 1];
const encode = (value: Json): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value)}\n`);
const digest = (bytes: Uint8Array): string => bytesToHex(sha256(bytes));

/** Bytes of the buckets behind a step's line. */
export const bytesBehind = ({ bits, layers }: HashRecord): number =>
  layers.reduce((sum, shape) => sum + (shape ? sizeOf(shape) : 0), 0) * (bits / 8);

export const headerLine = (of: HashOwner): Uint8Array => encode({ format, version, of });

/** The line of a step, and the bytes behind it. The buckets are on the host. */
export function encodeHashes(step: number, buckets: HashBuckets): readonly Uint8Array[] {
  const words = buckets.map((each) => each?.dataSync() ?? new Int32Array());
  const bits = words.every((layer) => layer.every((bucket) => bucket < 2 ** 16)) ? 16 : 32;
  const bytes = new Uint8Array(words.reduce((sum, { length }) => sum + length, 0) * (bits / 8));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const layer of words) {
    for (const bucket of layer) {
      if (bits === 16) view.setUint16(at, bucket, true);
      else view.setInt32(at, bucket, true);
      at += bits / 8;
    }
  }
  const layers = buckets.map((each) => each && [...each.shape]);
  return [encode({ step, bits, layers, sha256: digest(bytes) }), bytes];
}

/** The buckets of a step, from the bytes behind its line. */
export function decodeHashes(
  record: HashRecord,
  bytes: Uint8Array,
  where: string,
): Validated<HashBuckets> {
  const { step, bits, layers } = record;
  if (bytes.length !== bytesBehind(record)) return invalid(cutOff(where, step));
  if (digest(bytes) !== record.sha256) {
    return invalid({
      where,
      problem: `is damaged in the record of step ${step}`,
      expected: `bytes with the checksum ${record.sha256}`,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 0;
  const next = (): number => {
    const bucket = bits === 16 ? view.getUint16(at, true) : view.getInt32(at, true);
    at += bits / 8;
    return bucket;
  };
  return E.right(
    layers.map(
      (shape) =>
        shape && tensorFrom("i32", shape, Int32Array.from({ length: sizeOf(shape) }, next)),
    ),
  );
}

/** Whose hashes a file with such a first line has. */
export function decodeHeader(line: Uint8Array, where: string): Validated<HashOwner> {
  const read = parseJsonBytes(line, where);
  const header: JsonObject = E.isRight(read) && isJsonObject(read.right) ? read.right : {};
  if (header.format !== format || !isJsonObject(header.of)) return invalid(noHashes(where));
  if (header.version === version) return E.right(header.of);
  return invalid({
    where,
    problem: "is of another version",
    expected: String(version),
    got: JSON.stringify(header.version ?? null),
    fix: "Record the hashes again.",
  });
}

const noHashes = (where: string) => ({
  where,
  problem: "is no file of recorded hashes",
  fix: "Name a file that --record-hashes has written.",
});

/** What is wrong with a file that ends within a step. */
export const cutOff = (where: string, step: number) => ({
  where,
  problem: `is cut off in the record of step ${step}`,
  fix: "Record the hashes again, or end the run before that step.",
});

/** The line of a step. */
export const decodeRecord = (
  line: Uint8Array,
  step: number,
  where: string,
): Validated<HashRecord> => {
  const read = parseJsonBytes(line, where);
  const value = E.isRight(read) && isJsonObject(read.right) ? read.right : {};
  const { bits, layers, sha256: sum } = value;
  const isRecord = value.step === step && (bits === 16 || bits === 32) && typeof sum === "string";
  if (!isRecord || !Array.isArray(layers) || !layers.every(isShapeOrNull)) {
    return invalid({
      where,
      problem: `is damaged: the record of step ${step} does not begin where it should`,
    });
  }
  return E.right({ step, bits, sha256: sum, layers: layers as HashRecord["layers"] });
};

const isShapeOrNull = (value: Json): boolean =>
  value === null ||
  (Array.isArray(value) &&
    value.length === 4 &&
    value.every((size: Json) => Number.isSafeInteger(size) && Number(size) >= 0));
