import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeAtomically, writeSynced } from "../../../src/training/node/atomic-write.ts";
import { readData } from "../../../src/training/node/data.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reformax-data-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, contents: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
};

const text = (path: string): string => new TextDecoder().decode(readData(path));

test("a file, a gzip file", () => {
  expect(text(put("plain.txt", "abc"))).toBe("abc");
  expect(text(put("packed.gz", gzipSync("abc".repeat(1000))))).toBe("abc".repeat(1000));
});

test("a folder: its files in the order of their names, gzip and subfolders included, hidden ones not", () => {
  put("b.txt", "B");
  put("a.gz", gzipSync("A"));
  put("Z.txt", "Z");
  put(".hidden", "no");
  mkdirSync(join(folder, "c"));
  put(join("c", "x"), "C");
  expect(text(folder)).toBe("ZABC");
});

test("missing, empty and damaged data are named", () => {
  expect(() => readData(join(folder, "nothing"))).toThrow(
    /nothing: cannot read data: does not exist/,
  );
  expect(() => readData(put("empty", ""))).toThrow(/empty: holds no bytes/);
  mkdirSync(join(folder, "bare"));
  expect(() => readData(join(folder, "bare"))).toThrow(/bare: the folder holds no files/);
  const packed = gzipSync("abc".repeat(1000));
  const cut = put("cut.gz", packed.subarray(0, packed.length - 9));
  expect(() => readData(cut)).toThrow(/cut.gz: is not a complete gzip file/);
  expect(() => readData(put("fake.gz", "plain text"))).toThrow(
    /fake.gz: is not a complete gzip file/,
  );
});

test("a file is replaced as a whole, or not at all", () => {
  const path = put("file", "old");
  const crash = (point: string) => {
    if (point === "synced") throw new Error("killed");
  };
  expect(() => writeAtomically(path, new TextEncoder().encode("new"), crash)).toThrow("killed");
  expect(readFileSync(path, "utf8")).toBe("old");
  writeAtomically(path, new TextEncoder().encode("new"));
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(folder)).toEqual(["file"]);
});

test.runIf(process.platform === "linux")("a full disk is one clear message", () => {
  expect(() => writeSynced("/dev/full", new Uint8Array(10))).toThrow(
    "/dev/full: cannot write: no space left on the device. Free some space or choose another place.",
  );
});
