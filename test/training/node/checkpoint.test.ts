import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tensorFrom, type Tensor } from "../../../src/core/tensor.ts";
import { formatProblem, orThrow } from "../../../src/edge/problem.ts";
import type { Checkpoint } from "../../../src/training/checkpoint/checkpoint.ts";
import { checkpointName, encodeManifest } from "../../../src/training/checkpoint/manifest.ts";
import { tensorsOf, treeFrom } from "../../../src/training/checkpoint/tensors.ts";
import type { FaultPoint } from "../../../src/edge/node/atomic-write.ts";
import { sha256, stepsIn } from "../../../src/training/node/checkpoint-files.ts";
import { loadCheckpoint } from "../../../src/training/node/load-checkpoint.ts";
import { saveCheckpoint } from "../../../src/training/node/save-checkpoint.ts";
import { parseTrainConfig } from "../../../src/training/index.ts";
import { toyPreset } from "../toy-model.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reformax-checkpoint-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const config = orThrow(parseTrainConfig(toyPreset));

const checkpointAt = (step: number): Checkpoint => ({
  step,
  config,
  progress: { bytes: 100 },
  tensors: new Map([
    ["w", tensorFrom("f32", [2], Float32Array.of(step, -0))],
    ["q", tensorFrom("q32.20", [1], Int32Array.of(step))],
  ]),
});

const plain = (tensors: ReadonlyMap<string, Tensor>) =>
  [...tensors]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, t]) => [name, t.dtype, t.shape, [...t.words()]]);

const contents = (path: string) =>
  readdirSync(path)
    .sort()
    .map((name) => [name, readFileSync(join(path, name), "hex")]);

describe("save and load", () => {
  test("what was saved comes back", () => {
    saveCheckpoint(folder, checkpointAt(120));
    const { checkpoint, warnings } = loadCheckpoint(folder);
    expect(warnings).toEqual([]);
    expect({ ...checkpoint, tensors: plain(checkpoint.tensors), writer: undefined }).toEqual({
      ...checkpointAt(120),
      tensors: plain(checkpointAt(120).tensors),
    });
    expect(readdirSync(folder)).toEqual(["step-00000120"]);
  });

  test("equal states give equal bytes, wherever and whenever they are written", () => {
    const first = saveCheckpoint(join(folder, "a"), checkpointAt(3));
    const second = saveCheckpoint(join(folder, "b", "c"), checkpointAt(3));
    expect(contents(first)).toEqual(contents(second));
  });

  test("names sort as numbers do", () => {
    expect(checkpointName(9) < checkpointName(10)).toBe(true);
    expect(checkpointName(12)).toBe("step-00000012");
  });

  test("the last K are kept, and the newest is loaded", () => {
    for (const step of [1, 2, 3, 4, 5]) saveCheckpoint(folder, checkpointAt(step), { keep: 2 });
    expect(readdirSync(folder)).toEqual(["step-00000004", "step-00000005"]);
    expect(loadCheckpoint(folder).checkpoint.step).toBe(5);
    expect(loadCheckpoint(join(folder, "step-00000004")).checkpoint.step).toBe(4);
  });
});

describe("damage", () => {
  test("missing, added and renamed are found too", () => {
    const path = saveCheckpoint(folder, checkpointAt(7));
    const renamed = join(folder, "step-00000008");
    renameSync(path, renamed);
    expect(() => loadCheckpoint(renamed)).toThrow(/step-00000008: was renamed/);
    renameSync(renamed, path);
    rmSync(join(path, "state.safetensors"));
    expect(() => loadCheckpoint(path)).toThrow(/state.safetensors.*does not exist/);
  });

  test("a torn checkpoint is named and the previous one used", () => {
    saveCheckpoint(folder, checkpointAt(1));
    saveCheckpoint(folder, checkpointAt(2));
    const torn = saveCheckpoint(folder, checkpointAt(3));
    truncateSync(join(torn, "state.safetensors"), 20);
    const { checkpoint, warnings } = loadCheckpoint(folder);
    expect(checkpoint.step).toBe(2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /step-00000003: state.safetensors: is torn: expected \d+ bytes, got 20/,
    );
    expect(warnings[0]).toMatch(/previous checkpoint/);
  });

  test("a newer format is no damage: it is refused, not passed over", () => {
    saveCheckpoint(folder, checkpointAt(1));
    const path = saveCheckpoint(folder, checkpointAt(2));
    const newer = { version: 3, writer: "0.9.0", step: 2, files: {} };
    writeFileSync(join(path, "manifest.json"), encodeManifest(newer, sha256));
    expect(() => loadCheckpoint(folder)).toThrow(
      /step-00000002: manifest.json: .*expected format 1 to 2, got format 3, written by reformax 0.9.0. Use/,
    );
    expect(loadCheckpoint(join(folder, "step-00000001")).checkpoint.step).toBe(1);
  });

  test("damaged newer checkpoints never push good ones out, and are replaced when training comes by", () => {
    for (const step of [1, 2, 3, 4]) saveCheckpoint(folder, checkpointAt(step), { keep: 4 });
    for (const step of [3, 4]) truncateSync(join(folder, checkpointName(step), "config.json"), 1);
    saveCheckpoint(folder, checkpointAt(3), { keep: 2 });
    expect(stepsIn(folder)).toEqual([4, 3, 2]);
    expect(loadCheckpoint(folder).checkpoint.step).toBe(3);
  });

  test("nothing usable: one error that names each", () => {
    for (const step of [1, 2]) {
      truncateSync(join(saveCheckpoint(folder, checkpointAt(step)), "manifest.json"), 5);
    }
    expect(() => loadCheckpoint(folder)).toThrow(
      /no intact checkpoint[^]*step-00000002[^]*step-00000001/,
    );
    expect(() => loadCheckpoint(join(folder, "nowhere"))).toThrow(/nowhere: does not exist/);
  });
});

describe("crashes while saving", () => {
  const points: FaultPoint[] = [
    "temporary-written",
    "synced",
    "between-renames",
    "renamed",
    "pruned",
  ];

  test.each(points)("at %s: what is on disk is intact, and saving again works", (point) => {
    saveCheckpoint(folder, checkpointAt(1));
    const crashed = join(folder, "crashed");
    mkdirSync(crashed);
    saveCheckpoint(crashed, checkpointAt(1));
    let left: string[] = [];
    const crash = (at: FaultPoint) => {
      if (at !== point) return;
      // A killed process cannot clean up: what it leaves is what stands there now.
      left = readdirSync(crashed);
      throw new Error("killed");
    };
    expect(() => saveCheckpoint(crashed, checkpointAt(2), { fault: crash })).toThrow("killed");
    const complete = left.includes("step-00000002");
    expect(complete).toBe(point === "renamed" || point === "pruned");
    expect(loadCheckpoint(crashed).checkpoint.step).toBe(complete ? 2 : 1);
    saveCheckpoint(crashed, checkpointAt(2));
    expect(readdirSync(crashed)).toEqual(["step-00000001", "step-00000002"]);
    expect(contents(join(crashed, "step-00000001"))).toEqual(
      contents(join(folder, "step-00000001")),
    );
  });

  test("leftovers of a killed process are ignored and cleaned up", () => {
    saveCheckpoint(folder, checkpointAt(1));
    mkdirSync(join(folder, ".tmp-step-00000002"));
    writeFileSync(join(folder, ".tmp-step-00000002", "state.safetensors"), "half");
    expect(loadCheckpoint(folder).checkpoint.step).toBe(1);
    saveCheckpoint(folder, checkpointAt(2));
    expect(existsSync(join(folder, ".tmp-step-00000002"))).toBe(false);
  });

  test("an unwritable place is one clear message", () => {
    writeFileSync(join(folder, "file"), "");
    const save = () => saveCheckpoint(join(folder, "file"), checkpointAt(1));
    expect(save).toThrow(/file: cannot create: is a file, not a folder/);
    const below = () => saveCheckpoint(join(folder, "file", "below"), checkpointAt(1));
    expect(below).toThrow(/below: cannot create: a part of the path is a file/);
  });
});

describe("trees and tensors", () => {
  const keys = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom("a", "b", "0", "-") });
  const leaf = fc.float({ noNaN: true }).map((x) => tensorFrom("f32", [1], Float32Array.of(x)));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(keys, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));

  test("a tree goes through its named tensors unchanged", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const back = treeFrom(value, tensorsOf(value));
        expect(E.isRight(back) && plain(tensorsOf(back.right))).toEqual(plain(tensorsOf(value)));
      }),
    );
  });

  test("missing, superfluous and misshapen tensors are all named", () => {
    const scalar = tensorFrom("f32", [], Float32Array.of(1));
    const pair = tensorFrom("f32", [2], Float32Array.of(1, 2));
    const tensors = new Map([
      ["layers.0.w", pair],
      ["old", scalar],
    ]);
    const result = treeFrom({ layers: [{ w: scalar }], bias: scalar }, tensors);
    expect(E.isLeft(result) && result.left.map(formatProblem)).toEqual([
      "tensor bias: is missing: expected f32[]",
      "tensor layers.0.w: has the wrong type: expected f32[], got f32[2]",
      "tensor old: has no place in this model",
    ]);
  });
});
