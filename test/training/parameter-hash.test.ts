import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { wordsOf, type DType } from "../../src/core/dtype.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { scalarTensor, tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { parameterHash } from "../../src/training/index.ts";

test("a value that Python's hashlib and struct gave, by the recipe of the doc comment", () => {
  const params = {
    layers: [
      {
        w: tensorFrom("f32", [2, 2], Float32Array.of(1, -2, 0.5, -0)),
        b: scalarTensor(-1, "i32"),
      },
      tensorFrom("q32.20", [1], Int32Array.of(1 << 19)),
    ],
    é: tensorFrom("bool", [2], Int32Array.of(1, 0)),
    Z: tensorFrom("u32", [0], new Uint32Array(0)),
    z: tensorFrom("u32", [1], Uint32Array.of(2 ** 32 - 1)),
  };
  const expected = "9f5845102709cdf78c4418c51e2ba33eb569e867103e95da9aa162b65b35ced3";
  expect(parameterHash(params)).toBe(expected);
});

const tensors: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom<DType>("f32", "i32", "u32", "bool", "q32.20"),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
  })
  .chain(({ dtype, shape }) => {
    const size = sizeOf(shape);
    return fc
      .array(fc.nat(2 ** 32 - 1), { minLength: size, maxLength: size })
      .map((bits) => tensorFrom(dtype, shape, wordsOf(dtype, Uint32Array.from(bits).buffer)));
  });

const trees = fc.dictionary(
  fc.string({ unit: "grapheme", minLength: 1 }).filter((key) => !/[.\0]|^__proto__$/.test(key)),
  tensors,
);

/** The recipe, once more, with Node's own digest and byte order. */
function recomputed(tree: Readonly<Record<string, Tensor>>): string {
  const digest = createHash("sha256");
  const names = Object.keys(tree).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const name of names) {
    const { dtype, shape } = tree[name];
    digest.update(`${name}\0${dtype}\0${shape.join(",")}\0`);
    const words = tree[name].words();
    for (const word of new Uint32Array(words.buffer)) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(word);
      digest.update(bytes);
    }
  }
  return digest.digest("hex");
}

test("the recipe, for any tree: bits of NaN and names outside ASCII too", () => {
  fc.assert(
    fc.property(trees, (tree) => {
      expect(parameterHash(tree)).toBe(recomputed(tree));
      expect(parameterHash(Object.fromEntries(Object.entries(tree).reverse()))).toBe(
        parameterHash(tree),
      );
    }),
  );
});

test("one changed bit, name, shape or dtype is another hash", () => {
  const words = () => Float32Array.of(1, 2);
  const different = [
    { w: tensorFrom("f32", [2], words()) },
    { w: tensorFrom("f32", [2], Float32Array.of(1, 2 + 2 ** -22)) },
    { v: tensorFrom("f32", [2], words()) },
    { w: tensorFrom("f32", [2, 1], words()) },
    { w: tensorFrom("i32", [2], new Int32Array(words().buffer)) },
    {
      w: tensorFrom("f32", [1], Float32Array.of(1)),
      x: tensorFrom("f32", [1], Float32Array.of(2)),
    },
  ].map(parameterHash);
  expect(new Set(different).size).toBe(different.length);
});
