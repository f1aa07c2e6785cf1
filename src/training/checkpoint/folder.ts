import { sequenceS } from "fp-ts/lib/Apply.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { parseJsonBytes, type Json } from "../../edge/json.ts";
import { invalid, unlessProblems, validation, type Validated } from "../../edge/problem.ts";
import { safetensors } from "../../interop/index.ts";
import { nonFiniteProblems, type StoredCheckpoint, type Written } from "./checkpoint.ts";
import { formatVersion, type Digest } from "./format.ts";
import {
  decodeManifest,
  encodeManifest,
  manifestName,
  type FileRecord,
  type Manifest,
} from "./manifest.ts";

const configName = "config.json";
const progressName = "progress.json";
const stateName = "state.safetensors";
const fileNames = [configName, progressName, stateName];

export interface FolderOptions extends safetensors.SerializeOptions {
  /** Version of reformax that the manifest names. */
  readonly writer: string;
  readonly digest: Digest;
}

/** The files of a checkpoint's folder in the order in which they are to be written: the manifest last. */
export function encodeFolder(
  { step, config, progress, tensors }: StoredCheckpoint,
  { writer, digest, floats }: FolderOptions,
): readonly (readonly [name: string, bytes: Uint8Array])[] {
  const contents = [
    [configName, jsonBytes(config)],
    [progressName, jsonBytes(progress)],
    [stateName, safetensors.serialize(tensors, undefined, { floats })],
  ] as const;
  const files = Object.fromEntries(
    contents.map(([name, bytes]) => [name, { bytes: bytes.length, sha256: digest(bytes) }]),
  );
  const manifest = encodeManifest({ version: formatVersion, writer, step, files }, digest);
  return [...contents, [manifestName, manifest]];
}

/**
 * Reads the files of a checkpoint's folder and checks every byte of them.
 *
 * @param read - the bytes of one file
 */
export const decodeFolder = (
  read: (name: string) => Validated<Uint8Array>,
  digest: Digest,
): Validated<Written<StoredCheckpoint>> =>
  pipe(
    read(manifestName),
    E.chain((bytes) => decodeManifest(bytes, digest, manifestName)),
    E.chain((manifest) => contentsOf(manifest, read, digest)),
  );

function contentsOf(
  manifest: Manifest,
  read: (name: string) => Validated<Uint8Array>,
  digest: Digest,
): Validated<Written<StoredCheckpoint>> {
  const { files, step, ...writer } = manifest;
  const names = Object.keys(files);
  if (names.join() !== fileNames.join()) {
    const expected = fileNames.join(" ");
    return invalid({ where: manifestName, problem: "wrong files", expected, got: names.join(" ") });
  }
  const intact = (name: string): Validated<Uint8Array> =>
    pipe(
      read(name),
      E.chain((bytes) => checkFile(name, bytes, files[name], digest)),
    );
  const json = (name: string): Validated<Json> =>
    E.chain((bytes: Uint8Array) => parseJsonBytes(bytes, name))(intact(name));
  return pipe(
    sequenceS(validation)({
      config: json(configName),
      progress: json(progressName),
      state: E.chain(safetensors.parse)(intact(stateName)),
    }),
    E.chain(({ config, progress, state: { tensors } }) =>
      unlessProblems(nonFiniteProblems(tensors), () => ({
        step,
        config,
        progress,
        tensors,
        writer,
      })),
    ),
  );
}

function checkFile(
  where: string,
  bytes: Uint8Array,
  record: FileRecord,
  digest: Digest,
): Validated<Uint8Array> {
  if (bytes.length !== record.bytes) {
    const got = `${bytes.length} bytes`;
    return invalid({ where, problem: "is torn", expected: `${record.bytes} bytes`, got });
  }
  return digest(bytes) === record.sha256
    ? E.right(bytes)
    : invalid({ where, problem: "is corrupt (wrong checksum)" });
}

const jsonBytes = (value: Json): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
