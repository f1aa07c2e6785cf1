import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FaultPoint } from "../../../src/training/node/index.ts";
import { convertCheckpoint, loadCheckpoint } from "../../../src/training/node/index.ts";
import { golden } from "../../support/golden-checkpoints.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reformax-convert-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const from = golden.run(1);
const kinds = [
  ["a file", "new.safetensors"],
  ["a folder", "new"],
] as const;

describe.each(kinds)("into %s", (_, name) => {
  test("nothing that exists is overwritten", () => {
    const to = join(folder, name);
    writeFileSync(to, "precious");
    expect(() => convertCheckpoint(from, to)).toThrow(
      /new.*: exists already. .*nothing is overwritten/,
    );
    expect(readFileSync(to, "utf8")).toBe("precious");
    rmSync(to);
    mkdirSync(to);
    expect(() => convertCheckpoint(from, to)).toThrow(/exists already/);
  });

  test("what comes into being meanwhile is not overwritten either", () => {
    const to = join(folder, name);
    const fault = (at: FaultPoint) => {
      if (at === "synced") writeFileSync(to, "precious");
    };
    expect(() => convertCheckpoint(from, to, { fault })).toThrow(/exists already/);
    expect(readFileSync(to, "utf8")).toBe("precious");
    expect(readdirSync(folder)).toEqual([name]);
  });

  test.each(["synced", "renamed"] as const)(
    "killed at %s: all of it is there, or none",
    (point) => {
      const to = join(folder, name);
      let left = false;
      const fault = (at: FaultPoint) => {
        if (at !== point) return;
        left = existsSync(to);
        throw new Error("killed");
      };
      expect(() => convertCheckpoint(from, to, { fault })).toThrow("killed");
      expect(left).toBe(point === "renamed");
      if (!left) convertCheckpoint(from, to);
      expect(loadCheckpoint(to).checkpoint.step).toBe(3);
      expect(readdirSync(folder)).toEqual([name]);
    },
  );

  test("what a killed process left is replaced", () => {
    const temporary = join(folder, `.tmp-${name}`);
    if (name === "new") mkdirSync(join(temporary, "step-00000003"), { recursive: true });
    else writeFileSync(temporary, "half of a much longer file, of which nothing may stay");
    convertCheckpoint(from, join(folder, name));
    expect(readdirSync(folder)).toEqual([name]);
    expect(loadCheckpoint(join(folder, name)).checkpoint.step).toBe(3);
  });

  test("a place that cannot be written to is one clear message", () => {
    const to = join(folder, "none", name);
    expect(() => convertCheckpoint(from, to)).toThrow(/none.*: cannot .*: does not exist/);
  });
});

test("there must be something to convert", () => {
  expect(() => convertCheckpoint(join(folder, "no"), join(folder, "to"))).toThrow(
    /no: does not exist: expected a folder written by train --out, or a checkpoint in one file/,
  );
  const text = join(folder, "text.safetensors");
  writeFileSync(text, "once upon a time there was a king");
  expect(() => convertCheckpoint(text, join(folder, "to"))).toThrow(
    /text.safetensors: header: .*not a safetensors file/,
  );
});
