import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/core/tensor.ts";
import { i32, u32 } from "../support/arrays.ts";
import { apply, applyAll, refusal } from "./apply.ts";

interface Golden {
  readonly threefry2x32: readonly { key: number[]; count: number[]; out: number[] }[];
  readonly partitionable: { bits: readonly { seed: number; shape: number[]; out: unknown }[] };
}

/** Values of JAX: the file says where each comes from. */
const golden = JSON.parse(
  readFileSync(new URL("../golden/jax-random.json", import.meta.url), "utf8"),
) as Golden;

const keyOf = (seed: number): Tensor => u32([2], [Math.floor(seed / 2 ** 32), seed % 2 ** 32]);

describe("threefry2x32", () => {
  it.each(golden.threefry2x32)("gives JAX's words for $key, $count", ({ key, count, out }) => {
    const operands = [...key, ...count].map((word) => u32([], [word]));
    expect(applyAll("threefry2x32", operands).map((word) => word.item())).toEqual(out);
  });

  it("refuses operands of several shapes or dtypes", () => {
    const one = u32([1], [0]);
    expect(refusal("threefry2x32", [one, one, one, u32([], [0])])).toMatch(
      /expected \[1\], got u32\[\]/,
    );
    expect(refusal("threefry2x32", [one, one, one, i32([1], [0])])).toMatch(
      /expected u32, got i32\[1\]/,
    );
  });
});

describe("randomBits", () => {
  it.each(golden.partitionable.bits)("gives JAX's stream of seed $seed", ({ seed, shape, out }) => {
    expect(apply("randomBits", [keyOf(seed)], { shape }).toArray()).toEqual(out);
  });

  it("refuses what is not a key", () => {
    expect(refusal("randomBits", [u32([3], [1, 2, 3])], { shape: [] })).toBe(
      "ShapeError: randomBits: a key has two words: expected u32[...,2], got u32[3]." +
        " Make keys with random.key and random.split.",
    );
  });
});
