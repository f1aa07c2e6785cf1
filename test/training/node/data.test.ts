import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeFolder } from "../../../src/edge/node/make-folder.ts";
import { writeAtomically, writeSynced } from "../../../src/edge/node/atomic-write.ts";
import { readData, readDataFiles } from "../../../src/training/node/data.ts";

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

describe("what is no file, or too large", () => {
  test("pipes, devices and loops of links are refused at once", () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(() => readData(join(folder, "pipe"))).toThrow(/pipe: cannot read data: is a pipe, not/);
    put("a.txt", "A");
    expect(() => readData(folder)).toThrow(/pipe: cannot read data: is a pipe, not a file/);
    rmSync(join(folder, "pipe"));
    expect(() => readData("/dev/zero")).toThrow(/is a device, not a file/);
    symlinkSync(folder, join(folder, "loop"));
    expect(() => readData(folder)).toThrow(
      /loop: cannot read data: is a link to a folder that it lies in. Remove/,
    );
    rmSync(join(folder, "loop"));
    symlinkSync(join(folder, "a.txt"), join(folder, "b.txt"));
    expect(text(folder)).toBe("AA");
  });

  test("files that do not say how long they are", () => {
    expect(text("/proc/self/status")).toMatch(/^Name:/);
    expect(() => readData("/proc/self/status", { most: 10 })).toThrow(/is too large: .*most 10 /);
  });

  test("a limit for a file, a compressed one, and all of a folder; it can be raised", () => {
    const plain = put("a.txt", "x".repeat(1000));
    const bomb = put("b.gz", gzipSync(new Uint8Array(1_000_000)));
    expect(() => readData(plain, { most: 999 })).toThrow(
      /a.txt: is too large: expected at most 999 bytes, got 1000. .*--max-data/,
    );
    expect(() => readData(bomb, { most: 999_999 })).toThrow(/b.gz: is too large: .*decompressed/);
    expect(readData(bomb, { most: 1_000_000 })).toHaveLength(1_000_000);
    expect(() => readData(folder, { most: 1_000_999 })).toThrow(/is too large/);
    expect(readDataFiles(folder, { most: 1_001_000 })).toMatchObject({ files: 2 });
  });
});

test("folders are made one by one, and never where a file system makes none", () => {
  expect(() => makeFolder("/proc/x/y")).toThrow(
    /\/proc\/x\/y: cannot create: this file system makes no folders: got \/proc\/x\. Choose/,
  );
  const made = makeFolder(join(folder, "a", "b"));
  expect(made).toEqual([join(folder, "a"), join(folder, "a", "b")]);
  expect(makeFolder(join(folder, "a"))).toEqual([]);
  expect(() => makeFolder(put("file", ""))).toThrow(/is a file, not a folder/);
  expect(() => makeFolder(join(put("file", ""), "x"))).toThrow(/a part of the path is a file/);
});
