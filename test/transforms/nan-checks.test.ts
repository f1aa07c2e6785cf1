import { afterEach, expect, it } from "vitest";
import { debug, jit, named, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { f32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

describeBackends("debug.nans", () => {
  afterEach(() => debug.nans(false));

  it("is off unless asked for", () => {
    expect(np.log(f32([1], [-1])).item()).toBeNaN();
  });

  it("throws at the operation that makes a NaN or an infinity", () => {
    debug.nans(true);
    expect(() => np.log(f32([2], [1, -1]))).toThrow(
      "log: the result holds NaN or infinity: got f32[2]",
    );
    expect(() => np.log(f32([2], [1, 0]))).toThrow("log: the result holds NaN or infinity");
    expect(np.log(f32([1], [1])).item()).toBe(0);
  });

  it("names the operation in a compiled function by its scopes and calls", () => {
    debug.nans(true);
    const inner = jit((x: Value) => named("logs", np.log)(x), { name: "inner" });
    const f = jit((x: Value) => np.mul(named("block", inner)(np.sub(x, 1)), 2), { name: "outer" });
    expect(f(f32([1], [2])).item()).toBe(0);
    expect(() => f(f32([1], [0]))).toThrow(
      "block/inner/logs/log: the result holds NaN or infinity: got f32[1]",
    );
    expect(() => f(f32([1], [NaN]))).toThrow("outer: the arguments hold NaN or infinity already");
  });

  it("looks again at arguments that are donated, and leaves them alone when it throws", () => {
    debug.nans(true);
    const f = jit((x: Value) => np.log(np.add(x, 0)), { donateArgnums: [0], name: "f" });
    const [bad, good] = [f32([2], [1, -1]), f32([2], [1, 1])];
    expect(() => f(bad)).toThrow("log: the result holds NaN or infinity");
    expect([...bad.words()]).toEqual([1, -1]);
    expect(f(good).toArray()).toEqual([0, 0]);
    expect(good.isDonated).toBe(true);
  });
});
