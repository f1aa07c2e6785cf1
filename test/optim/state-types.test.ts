/** What TypeScript knows of the states of optimisers; the values are what the types say. */
import { expect, expectTypeOf, test } from "vitest";
import { init, type Value } from "../../src/index.ts";
import { array, ones } from "../../src/numpy/index.ts";
import {
  adam,
  adamw,
  chain,
  clipByValue,
  momentum,
  scale,
  type AdamState,
  type MomentumState,
} from "../../src/optim/index.ts";

test("the state of a chain is the list of its steps' states", async () => {
  await init("reference");
  const params = array([1]);
  const [ofAdam] = adam(1e-3).init(params);
  expectTypeOf(ofAdam).toEqualTypeOf<AdamState>();
  expect(ofAdam.count.item()).toBe(0);

  const optimizer = adamw(1e-3);
  const [, next] = optimizer.update(params, optimizer.init(params), params);
  expectTypeOf(next[0].count).toEqualTypeOf<Value>();
  expect(next[0].count.item()).toBe(1);

  const states = chain(clipByValue(1), momentum(0.5), scale(-1)).init(params);
  expectTypeOf(states).toEqualTypeOf<readonly [null, MomentumState, null]>();
  expect(states[1].velocity).toBeDefined();
});

test("every array has a rank and a size", () => {
  expectTypeOf(ones([2]).rank).toEqualTypeOf<number>();
  expect([ones([2, 3]).rank, ones([2, 3]).size]).toEqual([2, 6]);
});
