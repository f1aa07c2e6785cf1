import { sequenceS } from "fp-ts/lib/Apply.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { formatAval } from "../../core/aval.ts";
import type { Tensor } from "../../core/tensor.ts";
import { integer, jsonObject, oneOf, string, struct, type Decoder } from "../../edge/decoder.ts";
import { parseJsonObject, type JsonObject } from "../../edge/json.ts";
import {
  invalid,
  unlessProblems,
  validation,
  within,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import { safetensors } from "../../interop/index.ts";
import {
  isParameter,
  keyName,
  nonFiniteProblems,
  type Checkpoint,
  type StoredCheckpoint,
  type Written,
} from "./checkpoint.ts";
import { checkVersion, formatName, formatVersion, type Digest, type Writer } from "./format.ts";
import type { ConfigDecoder } from "./task-config.ts";
import { blankChecksum, checksumKey, isIntact, seal } from "./seal.ts";

/** The first format that may be a single file. */
const oldest = 2;

/** Metadata key of the note: all that is not tensors, as JSON. */
const noteKey = "reformax.checkpoint";

interface Note<Config> extends Writer {
  readonly format: typeof formatName;
  readonly writer: string;
  readonly step: number;
  readonly config: Config;
  readonly progress: JsonObject;
}

export interface FileOptions extends safetensors.SerializeOptions {
  /** Version of reformax that the file names. */
  readonly writer: string;
  readonly digest: Digest;
}

/** A checkpoint as one safetensors file: a note in its metadata, and a checksum of every byte. */
export function encodeFile(
  { step, config, progress, tensors }: StoredCheckpoint,
  { writer, digest, floats }: FileOptions,
): Uint8Array {
  const note = { format: formatName, version: formatVersion, writer, step, config, progress };
  const metadata = new Map([
    [noteKey, JSON.stringify(note)],
    [checksumKey, blankChecksum],
  ]);
  return seal(safetensors.serialize(tensors, metadata, { floats }), digest);
}

/** Reads what {@link encodeFile} wrote and checks every byte of it: one problem each for all that is wrong. */
export const decodeFile = <Config extends object>(
  bytes: Uint8Array,
  digest: Digest,
  decodeConfig: ConfigDecoder<Config>,
): Validated<Written<Checkpoint<Config>>> =>
  pipe(
    safetensors.parse(bytes),
    E.chain(({ tensors, metadata }) =>
      pipe(
        noteOf(metadata),
        E.chain((note) =>
          sequenceS(validation)({
            note: noteDecoder(decodeConfig)(note, ""),
            tensors: checkTensors(tensors),
            intact: checkIntact(bytes, metadata.get(checksumKey) ?? "", digest),
          }),
        ),
      ),
    ),
    E.map(({ note: { version, writer, step, config, progress }, tensors }) => ({
      writer: { version, writer },
      step,
      config,
      progress,
      tensors,
    })),
  );

function noteOf(metadata: ReadonlyMap<string, string>): Validated<JsonObject> {
  const text = metadata.get(noteKey);
  if (text === undefined) {
    return invalid({
      where: `metadata ${noteKey}`,
      problem: "is missing: this is a safetensors file, but not a checkpoint",
      fix: "Name a file that reformax convert or checkpointToBytes wrote.",
    });
  }
  return pipe(
    parseJsonObject(text, noteKey),
    E.chain((note) =>
      pipe(
        checkVersion(note, noteKey, oldest),
        E.map(() => note),
      ),
    ),
  );
}

const noteDecoder = <Config extends object>(
  decodeConfig: ConfigDecoder<Config>,
): Decoder<Note<Config>> =>
  struct<Note<Config>>({
    format: oneOf(formatName),
    version: integer(),
    writer: string,
    step: integer({ min: 0 }),
    config: (value, where) =>
      pipe(
        jsonObject(value, where),
        E.chain((object) => within(`${where}.`)(decodeConfig(object))),
      ),
    progress: jsonObject,
  });

function checkTensors(
  tensors: ReadonlyMap<string, Tensor>,
): Validated<ReadonlyMap<string, Tensor>> {
  const problems = [...tensors].flatMap(([name, { aval, size }]): Problem[] => {
    const where = `tensor ${name}`;
    if (name === keyName) {
      if (aval.dtype === "u32" && size === 2) return [];
      const got = formatAval(aval);
      return [{ where, problem: "has the wrong type", expected: "u32[2]", got }];
    }
    return name.startsWith("state.") ? [] : [{ where, problem: "has no place in a checkpoint" }];
  });
  const none: Problem = { where: "tensors", problem: "there are no parameters" };
  const found = [...tensors.keys()].some(isParameter);
  const all = [...problems, ...(found ? [] : [none]), ...nonFiniteProblems(tensors)];
  return unlessProblems(all, () => tensors);
}

const checkIntact = (bytes: Uint8Array, checksum: string, digest: Digest): Validated<true> =>
  isIntact(bytes, checksum, digest)
    ? E.right(true)
    : invalid({ where: checksumKey, problem: "the file is corrupt (wrong checksum)" });
