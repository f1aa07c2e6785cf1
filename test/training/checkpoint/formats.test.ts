import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { afterAll, describe, expect, test } from "vitest";
import { toBfloat16, toFloat16 } from "../../../src/interop/safetensors/short-floats.ts";
import { storedOf, type Checkpoint } from "../../../src/training/checkpoint/checkpoint.ts";
import { encodeFile } from "../../../src/training/checkpoint/file.ts";
import { encodeFolder } from "../../../src/training/checkpoint/folder.ts";
import { formatVersion } from "../../../src/training/checkpoint/format.ts";
import {
  checkpointFromBytes,
  checkpointToBytes,
  parameterHash,
  parametersOf,
} from "../../../src/training/index.ts";
import { convertCheckpoint, loadCheckpoint, sha256 } from "../../../src/training/node/index.ts";
import { golden, hasFormat } from "../../support/golden-checkpoints.ts";

const formats = Array.from({ length: formatVersion }, (_, i) => i + 1);
const shorts = { bf16: toBfloat16, f16: toFloat16 } as const;

const folder = mkdtempSync(join(tmpdir(), "reformax-formats-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const allTensors = ({ tensors }: Checkpoint): string => parameterHash(Object.fromEntries(tensors));
const first = loadCheckpoint(golden.run(1)).checkpoint;

describe.each(formats)("format %i", (format) => {
  test("has fixtures: a new format needs some, before anything is released", () => {
    expect(hasFormat(format)).toBe(true);
  });

  test("is read: the same numbers, configuration and progress as in format 1", () => {
    const { checkpoint, writer, warnings } = loadCheckpoint(golden.run(format));
    expect(warnings).toEqual([]);
    expect(writer.version).toBe(format);
    expect(allTensors(checkpoint)).toBe(allTensors(first));
    expect({ ...checkpoint, tensors: 0, writer: 0 }).toEqual({ ...first, tensors: 0, writer: 0 });
  });

  test("is converted into a run's folder, a file, and a file of rounded parameters", () => {
    const to = (name: string) => join(folder, `${format}-${name}`);
    const [run, file] = [to("run"), to("run.safetensors")];
    for (const path of [run, file]) {
      const { written } = convertCheckpoint(golden.run(format), path);
      expect(allTensors(written)).toBe(allTensors(first));
      expect({ ...written, tensors: 0, writer: 0 }).toEqual({ ...first, tensors: 0, writer: 0 });
      expect(loadCheckpoint(path).writer.version).toBe(formatVersion);
    }
    expect(readdirSync(run)).toEqual(["step-00000003"]);
    const small = to("small.safetensors");
    convertCheckpoint(golden.run(format), small, { parametersOnly: true, dtype: "bf16" });
    expect(readFileSync(small).length).toBeLessThan(readFileSync(file).length / 3);
  });
});

describe("the newest format is written as its fixtures were: what differs is a new format", () => {
  const { checkpoint, writer } = loadCheckpoint(golden.run(formatVersion));
  const options = { writer: writer.writer ?? "", digest: sha256 };

  test("as a folder", () => {
    const written = encodeFolder(storedOf(checkpoint), options);
    const path = golden.checkpoint(formatVersion);
    expect(written.map(([name]) => name).sort()).toEqual(readdirSync(path).sort());
    for (const [name, bytes] of written) {
      expect(Buffer.from(bytes).equals(readFileSync(join(path, name))), name).toBe(true);
    }
  });

  test("as a file", () => {
    const written = encodeFile(storedOf(checkpoint), options);
    expect(Buffer.from(written).equals(readFileSync(golden.file(formatVersion)))).toBe(true);
  });

  test.each(["bf16", "f16"] as const)("as a file of parameters in %s", (dtype) => {
    const path = golden.parameters(formatVersion, dtype);
    const read = loadCheckpoint(path);
    const written = encodeFile(storedOf(read.checkpoint), { ...options, floats: dtype });
    expect(Buffer.from(written).equals(readFileSync(path))).toBe(true);
    const parameters = parametersOf(read.checkpoint);
    for (const [name, tensor] of Object.entries(parametersOf(first))) {
      const round = shorts[dtype];
      const halves = round(tensor.words() as Float32Array);
      expect(round(parameters[name].words() as Float32Array), name).toEqual(halves);
    }
  });
});

test("bytes in a page are those of the file", () => {
  const bytes = checkpointToBytes(first);
  const back = checkpointFromBytes(bytes);
  expect(E.isRight(back) && allTensors(back.right)).toBe(allTensors(first));
  expect(checkpointToBytes(first)).toEqual(bytes);
});
