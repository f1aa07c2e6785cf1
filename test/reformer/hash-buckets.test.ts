/** Buckets of one pass used in another one instead of hashing. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { grad, init, jit, tree, type Tensor, type Value } from "../../src/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { key } from "../../src/random/index.ts";
import {
  initParams,
  initUpdateState,
  inspectHashing,
  loss,
  lossAndUpdate,
  runStack,
  type HashBuckets,
  type PassOptions,
  type ReformerConfig,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import { i32 } from "../support/arrays.ts";
import { integers } from "../support/random-data.ts";
import { tinyModel } from "./tiny-model.ts";

const dropped: ReformerConfig = { ...tinyModel, dropout: 0.2, attentionDropout: 0.2 };
/** A key that hashes otherwise. */
const elsewhere = key(99);

/** Mostly no multiple of a chunk; some without a token. */
const passes = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  batch: fc.integer({ min: 1, max: 2 }),
  length: fc.integer({ min: 5, max: 22 }),
  padded: fc.boolean(),
  reversible: fc.constantFrom("exact" as const, "float" as const),
  centred: fc.boolean(),
});

it("a pass with its own buckets, of this or another way to get them, has the same bits", async () => {
  await init("reference");
  fc.assert(
    fc.property(passes, ({ seed, batch, length, padded, reversible, centred }) => {
      const config = { ...dropped, reversible, lsh: { ...dropped.lsh, centred } };
      const params = initParams(config, key(seed));
      const tokens = i32([batch, length], integers(seed, batch * length, 11));
      const valid = padded ? i32([batch, length], integers(seed + 1, batch * length, 2)) : null;
      const options = { mode: "training", valid } as const;
      const pass = (given: PassOptions) => {
        const lossOf = (p: ReformerParams): Value =>
          loss(config, p, tokens, tokens, key(seed), { ...options, ...given }).loss;
        const result = loss(config, params, tokens, tokens, key(seed), { ...options, ...given });
        return { ...result, gradient: grad(lossOf)(params) };
      };
      const hashed = pass({});
      expect(bitsOf(pass({ buckets: hashed.buckets }))).toEqual(bitsOf(hashed));
      const seen = inspectHashing(config, params, tokens, key(seed), options);
      expect(bitsOf(seen.map((layer) => layer && layer.buckets))).toEqual(bitsOf(hashed.buckets));
    }),
    { numRuns: 12 },
  );
});

it("given buckets are used whatever the key would hash to, in the sweep as in the pass", async () => {
  await init();
  const optimizer = sgd(0.1);
  const config = { ...dropped, lossChunk: 8, feedForwardChunk: 8 };
  const params = initParams(config, key(1));
  const tokens = i32([2, 14], integers(2, 28, 11));
  const step = jit((given: HashBuckets | null, k: Value) =>
    lossAndUpdate(config, optimizer)(
      initUpdateState(optimizer, params),
      tokens,
      tokens,
      k,
      given ? { buckets: given } : {},
    ),
  );
  const { buckets } = step(null, key(2));
  const free = step(null, elsewhere);
  const led = step(buckets, elsewhere);
  expect(bitsOf(free.buckets)).not.toEqual(bitsOf(buckets));
  expect(bitsOf(led.buckets)).toEqual(bitsOf(buckets));
  expect(led.loss.item()).not.toBe(free.loss.item());
  expect(bitsOf(led.bottom.rebuilt)).toEqual(bitsOf(led.bottom.forward));
});

it("says which buckets a pass takes", async () => {
  await init("reference");
  const params = initParams(tinyModel, key(1));
  const tokens = i32([1, 6], [1, 2, 3, 4, 5, 6]);
  const pass = (options: PassOptions): unknown =>
    runStack(tinyModel, params, tokens, key(1), options);
  const right = i32([1, 2, 3, 6], new Int32Array(36));
  const wrong: readonly (readonly [PassOptions, string])[] = [
    [{ buckets: [null, right] }, "expected 3 layers, got 2"],
    [{ buckets: [null, null, null] }, "expected layer 1: i32[1,2,3,6], got null"],
    [{ buckets: [right, right, null] }, "expected layer 0: null, as it hashes nothing"],
    [
      { buckets: [null, right, null], rounds: 2 },
      "expected layer 1: i32[1,2,2,6], got i32[1,2,3,6]",
    ],
    [{ buckets: [null, right, null], ablation: "lsh-buckets" }, "given buckets are not shuffled"],
  ];
  for (const [options, message] of wrong) expect(() => pass(options)).toThrow(message);
  expect(() => pass({ buckets: [null, right, null] })).not.toThrow();
});

const bitsOf = (values: unknown): readonly unknown[] =>
  tree.leaves<Tensor>(values).map((leaf) => leaf.words());
