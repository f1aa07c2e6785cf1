import { gzipSync } from "node:zlib";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import { readNpy, readNpyOrThrow } from "../../src/interop/index.ts";

/** What numpy writes of an array. */
function npy(
  values: ArrayBufferView,
  descr: string,
  shape: string,
  { fortran = "False", version = 1 } = {},
): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const long = version > 1 ? [0, 0] : [];
  const begin = [0x93, ...text("NUMPY"), version, 0, header.length, 0, ...long, ...text(header)];
  const { buffer, byteOffset, byteLength } = values;
  return new Uint8Array([...begin, ...new Uint8Array(buffer, byteOffset, byteLength)]);
}
const text = (written: string): readonly number[] => [...new TextEncoder().encode(written)];
const joined = (...files: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(files.flatMap((file) => [...file]));

const floats = npy(new Float32Array([1, 2, 3, 4, 5, 6]), "<f4", "(2, 3)");

test("arrays one behind the other, packed or not, of all orders and versions", async () => {
  const columns = npy(new Float64Array([1, 4, 2, 5, 3, 6]), "<f8", "(2, 3)", { fortran: "True" });
  const file = joined(
    floats,
    columns,
    npy(new Uint8Array([7]), "|u1", "()", { version: 2 }),
    npy(new Int32Array(0), "<i4", "(0,)"),
  );
  for (const bytes of [file, new Uint8Array(gzipSync(file))]) {
    const arrays = await readNpyOrThrow(bytes);
    expect([...arrays].map(([name, { dtype }]) => `${name} ${dtype}`)).toEqual([
      "0 f32",
      "1 f32",
      "2 i32",
      "3 i32",
    ]);
    expect([...arrays.values()].map((tensor) => tensor.toArray())).toEqual([
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      7,
      [],
    ]);
  }
});

describe("what is refused, with the number of the array", () => {
  const problemOf = async (bytes: Uint8Array): Promise<string> => {
    const read = await readNpy(bytes);
    return E.isLeft(read) ? `${read.left[0].where} ${read.left[0].problem}` : "read";
  };
  const one = new Float32Array(1);

  test.each([
    ["no file", new Uint8Array(0), "array 0 is no .npy"],
    [
      "another file behind the first array",
      joined(floats, floats.subarray(1)),
      "array 1 is no .npy",
    ],
    ["a header that ends", floats.subarray(0, 40), "array 0 is cut short"],
    ["elements that end", floats.subarray(0, -1), "array 0 is cut short"],
    ["more elements than a file has", npy(one, "<f4", "(99999, 99999)"), "array 0 is cut short"],
    ["sizes that are none", npy(one, "<f4", "(99999999999,)"), "array 0 a shape is none"],
    ["objects", npy(one, "|O", "(1,)"), "array 0 elements of this dtype are not read"],
    ["other orders of bytes", npy(one, ">f4", "(1,)"), "array 0 the order of bytes is another one"],
    ["records", npy(one, "V4', 'x': '<f4", "1,"), "array 0 has another header"],
    ["gzip that is cut", new Uint8Array(gzipSync(floats)).subarray(0, 30), "file is damaged"],
  ])("%s", async (_, bytes, message) => {
    expect(await problemOf(bytes)).toContain(message);
  });
});
