import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import { tensorFrom } from "../../../src/core/tensor.ts";
import { formatProblem, invalid, orThrow } from "../../../src/edge/problem.ts";
import { safetensors } from "../../../src/interop/index.ts";
import { storedOf, type Checkpoint } from "../../../src/training/checkpoint/checkpoint.ts";
import { decodeFile, encodeFile } from "../../../src/training/checkpoint/file.ts";
import { trainConfigOf } from "../../../src/training/checkpoint/task-config.ts";
import { decodeFolder, encodeFolder } from "../../../src/training/checkpoint/folder.ts";
import { encodeManifest } from "../../../src/training/checkpoint/manifest.ts";
import { blankChecksum, checksumKey, seal } from "../../../src/training/checkpoint/seal.ts";
import {
  checkpointFromBytes,
  checkpointFromBytesOrThrow,
  checkpointToBytes,
  parametersOnly,
  parseTrainConfig,
} from "../../../src/training/index.ts";
import { sha256 } from "../../../src/training/node/index.ts";
import { toyPreset } from "../toy-model.ts";

const checkpoint: Checkpoint = {
  step: 7,
  config: orThrow(parseTrainConfig(toyPreset)),
  progress: { bytes: 100 },
  tensors: new Map([
    ["key", tensorFrom("u32", [2], Uint32Array.of(0, 7))],
    ["state.params.w", tensorFrom("f32", [2], Float32Array.of(1.5, -0))],
    ["state.optimizer.q", tensorFrom("q32.20", [1], Int32Array.of(5))],
  ]),
};

const options = { writer: "1.2.3", digest: sha256 };
const files = new Map(encodeFolder(storedOf(checkpoint), options));
const single = encodeFile(storedOf(checkpoint), options);

/** Reads the folder with other bytes in the place of one file. */
const readWith = (changed: string, bytes: Uint8Array) =>
  decodeFolder((name) => {
    const found = name === changed ? bytes : files.get(name);
    return found ? E.right(found) : invalid({ where: name, problem: "is missing" });
  }, sha256);

const readers: [string, Uint8Array, (bytes: Uint8Array) => E.Either<unknown, unknown>][] = [
  ["the single file", single, (bytes) => decodeFile(bytes, sha256, trainConfigOf)],
  ...[...files].map(([name, bytes]): (typeof readers)[number] => [
    name,
    bytes,
    (changed) => readWith(name, changed),
  ]),
];

const complaints = (read: E.Either<readonly { problem: string }[], unknown>): string =>
  E.isLeft(read)
    ? read.left.map((problem) => formatProblem({ where: "", ...problem })).join("\n")
    : "";

describe.each(readers)("damage to %s", (_, original, read) => {
  test("none is read", () => {
    expect(E.isRight(read(original))).toBe(true);
  });

  test("every truncation is found", () => {
    for (let length = 0; length < original.length; length++) {
      expect(E.isLeft(read(original.subarray(0, length))), `cut to ${length} bytes`).toBe(true);
    }
  });

  test("every changed byte is found", () => {
    for (let at = 0; at < original.length; at++) {
      for (const flip of [1, 32, 128]) {
        const damaged = Uint8Array.from(original);
        damaged[at] ^= flip;
        expect(E.isLeft(read(damaged)), `byte ${at}, bit ${flip}`).toBe(true);
      }
    }
  });
});

/** A sealed file with another note, and other tensors if there are any. */
function fileWith(note: object, tensors = checkpoint.tensors): Uint8Array {
  const metadata = new Map([
    ["reformax.checkpoint", JSON.stringify(note)],
    [checksumKey, blankChecksum],
  ]);
  return seal(safetensors.serialize(tensors, metadata), sha256);
}

describe("what is no checkpoint of a format that is known", () => {
  const newer = "does not read this format of checkpoints";

  test("a newer file: who wrote it, and what to do", () => {
    const note = { format: "reformax-checkpoint", version: 7, writer: "9.1.0", ancient: false };
    expect(() => checkpointFromBytesOrThrow(fileWith(note))).toThrow(
      `this version of reformax ${newer}: expected format 2, got format 7, ` +
        "written by reformax 9.1.0. Use reformax 9.1.0 or later.",
    );
  });

  test("a newer folder", () => {
    const manifest = { version: 7, writer: "9.1.0", step: 7, files: {} };
    const read = readWith("manifest.json", encodeManifest(manifest, sha256));
    expect(complaints(read)).toMatch(
      `${newer}: expected format 1 to 2, got format 7, written by reformax 9.1.0. Use reformax 9.1.0 or later.`,
    );
  });

  test("a format that never was", () => {
    const note = { format: "reformax-checkpoint", version: 0 };
    expect(complaints(checkpointFromBytes(fileWith(note)))).toMatch(
      "got format 0. Use the version of reformax that wrote it.",
    );
  });

  test("other people's safetensors", () => {
    const bytes = safetensors.serialize(checkpoint.tensors);
    expect(complaints(checkpointFromBytes(bytes))).toMatch(/not a checkpoint.*reformax convert/);
  });

  test("all problems come at once: note, configuration, tensors and checksum", () => {
    const tensors = new Map([
      ["key", tensorFrom("u32", [1], Uint32Array.of(0))],
      ["weights", tensorFrom("f32", [1], Float32Array.of(1))],
    ]);
    const note = {
      format: "reformax-checkpoint",
      version: 2,
      step: -1,
      config: { ...toyPreset, model: { ...toyPreset.model, depth: 3 } },
      progress: [],
      extra: true,
    };
    const bytes = fileWith(note, tensors);
    bytes[bytes.length - 1] ^= 1;
    expect(complaints(checkpointFromBytes(bytes)).split("\n")).toEqual([
      "writer: is missing: expected a text",
      "step: wrong value: expected an integer at least 0, got -1",
      expect.stringMatching(/^config.model.depth: unknown key/) as string,
      "progress: wrong value: expected an object, got a list",
      "extra: unknown key. Known: format, version, writer, step, config, progress.",
      "tensor key: has the wrong type: expected u32[2], got u32[1]",
      "tensor weights: has no place in a checkpoint",
      "tensors: there are no parameters",
      "reformax.sha256: the file is corrupt (wrong checksum)",
    ]);
  });
});

describe("what cannot be kept", () => {
  const withWeights = (...values: number[]): Checkpoint => ({
    ...checkpoint,
    tensors: new Map([
      ["state.params.w", tensorFrom("f32", [values.length], Float32Array.from(values))],
    ]),
  });

  test("rounded values that a run would go on from", () => {
    expect(() => checkpointToBytes(checkpoint, { dtype: "bf16" })).toThrow(
      /cannot go on from rounded values.*parameters only/,
    );
    expect(() => checkpointToBytes(checkpoint, { significantBits: 5 })).toThrow(
      /f32 of 5 significant bits.*parametersOnly: true/,
    );
    expect(checkpointToBytes(parametersOnly(checkpoint), { dtype: "bf16" })).toEqual(
      checkpointToBytes(checkpoint, { dtype: "bf16", parametersOnly: true }),
    );
  });

  test.each([0, 25, 5.5, NaN])("%s significant bits", (significantBits) => {
    expect(() => checkpointToBytes(withWeights(1), { significantBits })).toThrow(
      /significantBits.*from 1 to 24/,
    );
  });

  test.each([0, -1, 1.5, NaN])("a grid of %s", (grid) => {
    expect(() => checkpointToBytes(withWeights(1), { grid })).toThrow(/grid.*above 0 and up to 1/);
  });

  test("values that are not finite, or would not be", () => {
    expect(() => checkpointToBytes(withWeights(3.4e38), { significantBits: 3 })).toThrow(
      /Infinity/,
    );
    expect(() => checkpointToBytes(withWeights(1, NaN))).toThrow(/params.w: .*as f32: got NaN/);
    expect(() => checkpointToBytes(withWeights(65520), { dtype: "f16" })).toThrow(
      /as f16: got 65520. Choose bf16 or f32/,
    );
    const largest = 2 ** 128 - 2 ** 120;
    fc.assert(
      fc.property(fc.double({ min: -largest, max: largest, noNaN: true }), (value) => {
        const bytes = checkpointToBytes(withWeights(value), { dtype: "bf16" });
        const { tensors } = checkpointFromBytesOrThrow(bytes);
        expect(Number.isFinite(tensors.get("state.params.w")?.words()[0])).toBe(true);
      }),
      { numRuns: 30 },
    );
    expect(() => checkpointToBytes(withWeights(3.4e38), { dtype: "bf16" })).toThrow(/as bf16/);
  });
});
