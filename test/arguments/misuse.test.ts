import { describe, expect, it, test } from "vitest";
import { init, jit, type Value } from "reformax";
import * as lax from "reformax/lax";
import * as np from "reformax/numpy";

await init("reference");

describe("typed arrays of other kinds", () => {
  const numbers = [1, 2, 3];
  it.each([
    ["Float64Array", "f32", new Float64Array(numbers)],
    ["Int8Array", "i32", new Int8Array(numbers)],
    ["Uint8Array", "i32", new Uint8Array(numbers)],
    ["Uint8ClampedArray", "i32", new Uint8ClampedArray(numbers)],
    ["Int16Array", "i32", new Int16Array(numbers)],
    ["Uint16Array", "i32", new Uint16Array(numbers)],
    ["Uint32Array", "u32", new Uint32Array(numbers)],
  ] as const)("%s is converted to %s by its numbers, never by its bytes", (_, dtype, given) => {
    const array = np.array(given as unknown as np.ArrayLike);
    expect(array.dtype).toBe(dtype);
    expect(array.toArray()).toEqual(numbers);
    expect(np.add(given as unknown as np.ArrayLike, 1).toArray()).toEqual([2, 3, 4]);
  });
});

describe("what JavaScript does with arrays unasked", () => {
  test("operators do not compute with them", () => {
    const x: unknown = np.array(1);
    expect(() => (x as number) + 1).toThrow("JavaScript's operators do not take arrays");
  });

  test("JSON has their numbers", () => {
    expect(
      JSON.stringify({
        x: np.array([
          [1, 2],
          [3, 4],
        ]),
      }),
    ).toBe('{"x":[[1,2],[3,4]]}');
    expect(JSON.stringify(np.array([true, false]))).toBe("[true,false]");
    expect(() => jit((x: Value) => np.add(x, JSON.stringify(x).length))(np.array(1))).toThrow(
      "toJSON() needs a concrete array",
    );
  });

  test("the elements of a donated array are a rejection, not an exception", async () => {
    const x = np.array(new Float32Array(100));
    jit((v: Value) => np.add(v, 1), { donateArgnums: [0] })(x);
    const read = x.data();
    await expect(read).rejects.toThrow("donated");
  });
});

test("a number chooses a branch, as an array of one integer does", () => {
  const branches = [(x: Value) => x, (x: Value) => np.neg(x)];
  const [byNumber, byArray] = [1, np.array(1, "i32")].map((index) =>
    lax.switchCase(index, branches, np.array(3)).item(),
  );
  expect([byNumber, byArray]).toEqual([-3, -3]);
});

test("a leaf that is no array is named by its place", () => {
  const f = jit((p: { w: Value; name: string }) => p.w);
  expect(() => f({ w: np.array(1), name: "x" })).toThrow("the leaf 0.name is not an array");
});
