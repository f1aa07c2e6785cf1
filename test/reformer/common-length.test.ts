import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/init.ts";
import { key } from "../../src/random/index.ts";
import { initParams, masked, powersOfTwoBuckets, runStack } from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { commonLength } from "../../src/reformer/models/common-length.ts";
import { expectSameBits, i32 } from "../support/arrays.ts";
import { integers } from "../support/random-data.ts";
import { tinyModel } from "./tiny-model.ts";

beforeAll(async () => {
  await init();
});

const base: ReformerConfig = {
  ...tinyModel,
  conventions: "huggingface",
  mask: "full",
  layers: ["local", "lsh"],
  local: { chunk: 4, before: 1, after: 0 },
  lsh: { ...tinyModel.lsh, chunk: 6, buckets: "auto", powersUpTo: 4 },
};

describe("the common length", () => {
  test("is a multiple of all chunks beyond the shortest, by HuggingFace's convention alone", () => {
    expect([3, 4, 5, 12, 13].map((n) => commonLength(base, n))).toEqual([3, 4, 12, 12, 24]);
    const local: ReformerConfig = { ...base, layers: ["local", "full"] };
    expect([4, 5, 12, 13].map((n) => commonLength(local, n))).toEqual([4, 8, 12, 16]);
    expect(commonLength({ ...base, layers: ["full"] }, 13)).toBe(13);
    expect(commonLength({ ...base, conventions: "trax" }, 13)).toBe(13);
  });

  test("streams, buckets and logits are those of the tokens, whatever stands behind them", () => {
    const params = initParams(base, key(0));
    const tokens = i32([2, 13], integers(1, 26, 11));
    const { streams, buckets } = runStack(base, params, tokens, key(1));
    expect(streams.first.shape).toEqual([2, 13, 8]);
    expect(buckets[1]?.shape).toEqual([2, 2, 3, 13]);
    const again = runStack(base, params, tokens, key(1), { buckets });
    expectSameBits(again.streams.second, streams.second, "with its own buckets");
    const valid = i32([2, 13], Array<number>(26).fill(1));
    const given = masked.logits(base, params, tokens, key(1), { valid });
    expectSameBits(masked.logits(base, params, tokens, key(1)), given, "with a mask of ones");
  });
});

describe("powersOfTwoBuckets", () => {
  test("as transformers counts", () => {
    const limit = (longest: number, chunk: number): number =>
      2 * Math.max(Math.floor(Math.sqrt(Math.floor(longest / chunk))), chunk);
    const sizes = (length: number, chunk: number, longest: number) =>
      powersOfTwoBuckets(length, chunk, limit(longest, chunk));
    expect(sizes(4096, 64, 4096)).toEqual([128]);
    expect(sizes(8192, 64, 4096)).toEqual([16, 16]);
    expect(sizes(524_288, 64, 524_288)).toEqual([128, 128]);
    expect(sizes(16_384, 64, 16_384)).toEqual([16, 32]);
    expect(sizes(112, 16, 128)).toEqual([8]);
    expect(sizes(128, 4, 128)).toEqual([8, 8]);
  });

  test("the product is the largest power of two within twice the chunks", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 300 }),
        (n, chunk) => {
          const sizes = powersOfTwoBuckets(n, chunk, 64);
          const product = sizes.reduce((a, b) => a * b, 1);
          const wanted = 2 * Math.max(1, Math.floor(n / chunk));
          expect(product).toBeLessThanOrEqual(wanted);
          expect(2 * product).toBeGreaterThan(wanted);
          expect(sizes.every((size) => size >= 2 && size % 2 === 0)).toBe(true);
        },
      ),
    );
  });
});
