import * as E from "fp-ts/lib/Either.js";
import { isJsonObject, parseJsonBytes, type JsonObject } from "../../edge/json.ts";
import { invalid, type Validated } from "../../edge/problem.ts";

/** Hexadecimal SHA-256 of bytes; injected, because a page and Node have different ones. */
export type Digest = (bytes: Uint8Array) => string;

/** Length and checksum of one file of a checkpoint. */
export interface FileRecord {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * What a checkpoint directory holds. No clock, path or host name: equal training states give equal bytes.
 */
export interface Manifest {
  readonly step: number;
  readonly files: Readonly<Record<string, FileRecord>>;
}

export const manifestName = "manifest.json";

const format = "reformax-checkpoint";
const version = 1;

/** Step numbers are padded so that names sort as numbers do. */
const stepDigits = 8;

export const checkpointName = (step: number): string =>
  `step-${String(step).padStart(stepDigits, "0")}`;

/** The step of a checkpoint directory's name, or undefined for any other name. */
export function stepOfName(name: string): number | undefined {
  const match = /^step-(\d{8,})$/.exec(name);
  const step = match ? Number(match[1]) : undefined;
  return step !== undefined && checkpointName(step) === name ? step : undefined;
}

/** The manifest as bytes: canonical JSON with a checksum of itself, so that no byte can change unnoticed. */
export function encodeManifest({ step, files }: Manifest, digest: Digest): Uint8Array {
  const names = Object.keys(files).sort();
  const body = {
    format,
    version,
    step,
    files: Object.fromEntries(
      names.map((name) => [name, { bytes: files[name].bytes, sha256: files[name].sha256 }]),
    ),
  };
  const checksum = digest(new TextEncoder().encode(JSON.stringify(body)));
  return new TextEncoder().encode(`${JSON.stringify({ ...body, checksum }, null, 1)}\n`);
}

/** Reads a manifest and refuses it unless its bytes are exactly those that {@link encodeManifest} writes. */
export const decodeManifest = (
  bytes: Uint8Array,
  digest: Digest,
  where: string,
): Validated<Manifest> =>
  E.chain((value: unknown): Validated<Manifest> => {
    if (!isJsonObject(value) || value.format !== format) {
      return invalid({ where, problem: "is not the manifest of a reformax checkpoint" });
    }
    if (value.version !== version) {
      return invalid({
        where,
        problem: "unknown version of the checkpoint format",
        expected: String(version),
        got: JSON.stringify(value.version),
        fix: "Use the version of reformax that wrote it.",
      });
    }
    const manifest = manifestFrom(value);
    const intact = manifest && sameBytes(encodeManifest(manifest, digest), bytes);
    return intact ? E.right(manifest) : invalid({ where, problem: "is corrupt" });
  })(parseJsonBytes(bytes, where));

function manifestFrom({ step, files }: JsonObject): Manifest | undefined {
  if (typeof step !== "number" || !isJsonObject(files)) return undefined;
  const records = Object.entries(files).map(([name, record]) => {
    const { bytes, sha256 } = isJsonObject(record) ? record : {};
    const valid = typeof bytes === "number" && typeof sha256 === "string";
    return valid ? ([name, { bytes, sha256 }] as const) : undefined;
  });
  const known = records.filter((record) => record !== undefined);
  return known.length === records.length ? { step, files: Object.fromEntries(known) } : undefined;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
