/* What the types forbid and JavaScript lets happen: each mistake is named where it is made. */
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { embedding, softmaxCrossEntropy } from "../../src/nn/index.ts";
import { adam } from "../../src/optim/index.ts";
import { normal } from "../../src/random/index.ts";
import { attention } from "../../src/reformer/index.ts";
import { reformerModel, train, trainConfig } from "../../src/training/index.ts";

/** An argument of a program without types. */
const untyped = (value: unknown): never => value as never;

beforeAll(() => init("reference"));

const ones = np.array([[[1], [1]]]);

describe("an argument in the wrong place", () => {
  test.each([
    ["options for axes", () => np.sum([1, 2], untyped({ axis: 0 })), /sum: .*sum\(x, 0\)/],
    ["a second size for a dtype", () => np.zeros(2, untyped(3)), /zeros: .*zeros\(\[2, 3\]\)/],
    ["the same for ones", () => np.ones(2, untyped(3)), /ones: .*got 3/],
    ["a shape for a key", () => normal(untyped([3])), /not a key.*got \[3\]/],
    ["nothing for a key", () => normal(untyped(undefined)), /not a key/],
    ["a seed for a key", () => normal(untyped(0), [3]), /got 0.*random\.key/],
    ["a text for numbers", () => np.array(untyped(["1"])), /array: not a number.*got "1"/],
    ["nothing for an array", () => np.add([1], untyped(undefined)), /add: not a number.*undefined/],
    ["null for a number", () => np.array(untyped([null])), /array: not a number.*null/],
    ["options for a number", () => np.pad([1], 1, untyped({ value: 7 })), /pad: not a number/],
    [
      "arrays in a list",
      () => np.array(untyped([np.array(1), np.array(2)])),
      /stack or concatenate/,
    ],
    ["another library's dtype", () => np.zeros([2], untyped("float32")), /zeros: .*Write "f32"/],
    ["the same for array", () => np.array([1.5], untyped("int32")), /array: .*Write "i32"/],
    ["the same for astype", () => np.astype([1], untyped("float16")), /astype: no such dtype/],
    ["the same for arange", () => np.arange(0, 3, 1, untyped("int")), /arange: .*Write "i32"/],
    [
      "a list for a selector",
      () => np.index([1, 2], untyped([0, 1])),
      /index: not a selector.*array/,
    ],
    ["a text for a selector", () => np.index([1, 2], untyped("a")), /index: not a selector/],
    [
      "float labels",
      () => softmaxCrossEntropy([[1, 2]], np.array([0.5])),
      /integers are needed.*f32/,
    ],
    [
      "float ids",
      () => embedding({ table: np.ones([2, 2]) }, np.array([0.5])),
      /embedding: integers/,
    ],
    ["half an id", () => embedding({ table: np.ones([2, 2]) }, [0.5]), /embedding: .*value of i32/],
    [
      "no slots",
      () => attention.chunked(ones, ones, ones, untyped({}), { chunkLength: 2 }),
      /info.order is missing.*lsh.sort/,
    ],
    [
      "big integers",
      () => np.array(untyped(new BigInt64Array(2))),
      /array: a typed array of another kind.*BigInt64Array/,
    ],
    ["options for a rate", () => adam(untyped({ rate: 1 })), /adam\(1e-3\)/],
  ])("%s", (_, mistake, message) => {
    expect(mistake).toThrow(message);
  });

  test("a text for its bytes", async () => {
    const config = trainConfig();
    const data = { train: untyped("to be or not to be ".repeat(100)) };
    const first = train({ model: reformerModel(config), config, data }).next();
    await expect(first).rejects.toThrow(/TextEncoder/);
  });
});

describe("JavaScript's operators", () => {
  const x = np.array([1, 2]);

  test("do not compute with arrays", () => {
    for (const mistake of [
      () => untyped(x) + 1,
      () => untyped(x) * 2,
      () => -untyped(x),
      () => untyped(x) < 1,
    ]) {
      expect(mistake).toThrow(/operators do not take arrays.*f32\[2\].*np\.add/);
    }
  });

  test("make texts of them", () => {
    expect(`x = ${x as unknown as string}`).toBe(`x = ${x.toString()}`);
  });
});

describe("typed arrays of other kinds", () => {
  test.each([
    [new Float64Array([1.5, 0.1]), "f32"],
    [new Uint8Array([1, 255]), "i32"],
    [new Uint8ClampedArray([1, 255]), "i32"],
    [new Int8Array([-1, 127]), "i32"],
    [new Uint16Array([1, 65535]), "i32"],
    [new Int16Array([-5, 9]), "i32"],
  ])("are converted, never reinterpreted: %s", (numbers, dtype) => {
    const made = np.array(untyped(numbers));
    expect(made.dtype).toBe(dtype);
    expect(made.toArray()).toEqual(Array.from(numbers, Math.fround));
  });
});
