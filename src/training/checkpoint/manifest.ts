import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { isJsonObject, parseJsonBytes, type Json, type JsonObject } from "../../edge/json.ts";
import { invalid, type Validated } from "../../edge/problem.ts";
import { isStep } from "./checkpoint.ts";
import { checkVersion, formatName, isNewer, type Digest, type Writer } from "./format.ts";

/** Length and checksum of one file of a checkpoint. */
export interface FileRecord {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * What a checkpoint directory holds. No clock, path or host name: equal training states give equal bytes.
 */
export interface Manifest extends Writer {
  readonly step: number;
  readonly files: Readonly<Record<string, FileRecord>>;
}

export const manifestName = "manifest.json";

/** The first format that was a folder. */
const oldest = 1;

const firstWithWriter = 2;

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
export function encodeManifest(manifest: Manifest, digest: Digest): Uint8Array {
  const { version, writer, step, files } = manifest;
  const names = Object.keys(files).sort();
  const body = {
    format: formatName,
    version,
    ...(writer !== undefined && { writer }),
    step,
    files: Object.fromEntries(
      names.map((name) => [name, { bytes: files[name].bytes, sha256: files[name].sha256 }]),
    ),
  };
  const checksum = digest(new TextEncoder().encode(JSON.stringify(body)));
  return new TextEncoder().encode(`${JSON.stringify({ ...body, checksum }, null, 1)}\n`);
}

/** Whether bytes are a manifest of a format that is newer than all that this version reads. */
export const isNewerManifest = (bytes: Uint8Array): boolean =>
  pipe(
    parseJsonBytes(bytes, manifestName),
    E.exists((value) => isJsonObject(value) && value.format === formatName && isNewer(value)),
  );

/** Reads a manifest and refuses it unless its bytes are exactly those that {@link encodeManifest} writes. */
export const decodeManifest = (
  bytes: Uint8Array,
  digest: Digest,
  where: string,
): Validated<Manifest> =>
  pipe(
    parseJsonBytes(bytes, where),
    E.chain((value) =>
      pipe(
        writerOf(value, where),
        E.chain((writer): Validated<Manifest> => {
          const manifest = manifestFrom(value as JsonObject, writer);
          const intact = manifest && sameBytes(encodeManifest(manifest, digest), bytes);
          return intact ? E.right(manifest) : invalid({ where, problem: "is corrupt" });
        }),
      ),
    ),
  );

function writerOf(value: Json, where: string): Validated<Writer> {
  if (!isJsonObject(value) || value.format !== formatName) {
    return invalid({ where, problem: "is not the manifest of a reformax checkpoint" });
  }
  const { writer } = value;
  return pipe(
    checkVersion(value, where, oldest),
    E.map((version) => ({ version, ...(typeof writer === "string" && { writer }) })),
  );
}

function manifestFrom({ step, files }: JsonObject, writer: Writer): Manifest | undefined {
  const saysWriter = writer.version >= firstWithWriter;
  if (typeof step !== "number" || !isStep(step) || !isJsonObject(files)) return undefined;
  if ((writer.writer !== undefined) !== saysWriter) return undefined;
  const records = Object.entries(files).map(([name, record]) => {
    const { bytes, sha256 } = isJsonObject(record) ? record : {};
    const valid = Number.isSafeInteger(bytes) && Number(bytes) >= 0 && typeof sha256 === "string";
    return valid ? ([name, { bytes: Number(bytes), sha256 }] as const) : undefined;
  });
  const known = records.filter((record) => record !== undefined);
  return known.length === records.length
    ? { ...writer, step, files: Object.fromEntries(known) }
    : undefined;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
