import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import { readPickle, readPickleOrThrow } from "../../src/interop/index.ts";

const golden = join(import.meta.dirname, "../golden/pickle");
const values = JSON.parse(readFileSync(join(golden, "values.json"), "utf8")) as Readonly<
  Record<string, { readonly shape: number[]; readonly values: readonly (number | boolean)[] }>
>;
const read = (protocol: number): Buffer =>
  readFileSync(join(golden, `protocol-${protocol}.pkl.gz`));

describe.each([2, 3, 4, 5])("numpy's arrays in protocol %i", (protocol) => {
  test.each([
    ["packed", read(protocol)],
    ["unpacked", gunzipSync(read(protocol))],
  ])("%s", async (_, bytes) => {
    const arrays = await readPickleOrThrow(new Uint8Array(bytes));
    expect([...arrays.keys()]).toEqual(Object.keys(values));
    for (const [name, tensor] of arrays) {
      expect([name, tensor.shape]).toEqual([name, values[name].shape]);
      expect([name, [...tensor.words()]]).toEqual([name, values[name].values.map(Number)]);
    }
  });
});

const text = (written: string): readonly number[] => [...new TextEncoder().encode(written)];
const problemOf = async (...bytes: readonly number[]): Promise<string> => {
  const found = await readPickle(new Uint8Array(bytes));
  return E.isLeft(found) ? `${found.left[0].problem}: ${found.left[0].got ?? ""}` : "read";
};

describe("what is refused", () => {
  test.each([
    ["a call of the system", "cos\nsystem\n", '"os.system"'],
    ["evaluation", "c__builtin__\neval\n", '"__builtin__.eval"'],
    ["a name within numpy", "cnumpy\nload\n", '"numpy.load"'],
    ["a name that begins as one of trax", "ctraxos\nsystem\n", '"traxos.system"'],
    ["other classes of trax", "ctrax.shapes\nShapeDtypes\n", '"trax.shapes.ShapeDtypes"'],
    ["what trax has imported", "ctrax.layers.base\npickle\n", '"trax.layers.base.pickle"'],
    ["other dictionaries", "ccollections\nOrderedDict\n", '"collections.OrderedDict"'],
  ])("%s, by name", async (_, program, name) => {
    expect(await problemOf(0x80, 2, ...text(program), 0x2e)).toBe(
      `refers to what is not read: ${name}`,
    );
  });

  test.each([
    ["a persistent id", 0x51],
    ["an instance", 0x69],
    ["an object", 0x6f],
    ["a registered extension", 0x82],
    ["a buffer from outside", 0x97],
  ])("%s, by operation", async (_, operation) => {
    expect(await problemOf(0x80, 2, operation, 0x2e)).toBe(
      `has an operation that is not read: 0x${operation.toString(16)} at byte 2`,
    );
  });

  test.each([
    ["other protocols", [0x80, 1, 0x4e, 0x2e], /is no pickle/],
    ["no bytes", [], /truncated/],
    ["no end", [0x80, 2, 0x4e], /truncated/],
    ["a text longer than the file", [0x80, 2, 0x58, 255, 255, 255, 255, 0x2e], /truncated/],
    ["an empty stack", [0x80, 2, 0x2e], /empty stack/],
    ["a mark that is not there", [0x80, 2, 0x74, 0x2e], /mark/],
    [
      "bytes of a length",
      [0x80, 2, ...text("c__builtin__\nbytes\n"), 0x4b, 9, 0x85, 0x52, 0x2e],
      /with arguments/,
    ],
    [
      "a call of what is an argument only",
      [0x80, 2, ...text("c__builtin__\nlist\n"), 0x29, 0x52, 0x2e],
      /a type only/,
    ],
    [
      "an array of JAX that numpy does not make",
      [
        0x80,
        2,
        ...text("cjax._src.array\n_reconstruct_array\ncnumpy\ndtype\n"),
        0x29,
        0x7d,
        0x87,
        0x52,
        0x2e,
      ],
      /in another way/,
    ],
    ["a call of a number", [0x80, 2, 0x4b, 1, 0x29, 0x52, 0x2e], /another kind/],
    ["a list in itself", [0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e], /too deep/],
    [
      "lists of lists, twice each",
      [0x80, 2, 0x5d, ...Array.from({ length: 40 }, () => [0x32, 0x86]).flat(), 0x2e],
      /too many values/,
    ],
    ["gzip that is cut", [...read(2).subarray(0, 99)], /gzip/],
  ])("%s", async (_, bytes, message) => {
    expect(await problemOf(...bytes)).toMatch(message);
  });
});
