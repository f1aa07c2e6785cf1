import { beforeAll, describe, expect, it } from "vitest";
import { grad, init, jit, jvp, makeProgram, vmap, type Value } from "../../src/index.ts";
import { cond, foriLoop, scan, whileLoop } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { i32 } from "../support/arrays.ts";

beforeAll(async () => {
  await init("reference");
});

/** A JavaScript number where an array is expected. */
const number = (x: number): Value => x as unknown as Value;

describe("JavaScript numbers", () => {
  it("as arguments of jit and grad are weak scalars", () => {
    const { inputs } = makeProgram((x: Value) => np.sin(x))(number(2));
    expect(inputs[0].aval).toEqual({ dtype: "f32", shape: [], weak: true });
    expect(grad((x: Value) => np.mul(x, x))(number(3)).item()).toBe(6);
    expect(jvp((x: Value) => np.mul(x, x), [number(3)], [number(1)])[1].item()).toBe(6);
  });

  it("as initial carries take the dtype that the body gives them", () => {
    const last = scan((_: Value, x: Value) => [np.argmax(x), null], number(0), np.eye(3))[0];
    expect([last.dtype, last.item()]).toEqual(["i32", 2]);
    // Beside integers a number that is traced is a float: nobody can see that it is whole.
    const counted = scan(
      (c: Value, x: Value) => [np.add(c, np.argmax(x)), null],
      number(0),
      np.eye(3),
    )[0];
    expect([counted.dtype, counted.item()]).toEqual(["f32", 3]);
    const summed = scan(
      (c: Value, x: Value) => [np.add(c, np.sum(x)), null],
      number(0),
      np.eye(3),
    )[0];
    expect([summed.dtype, summed.item()]).toEqual(["f32", 3]);
    expect(
      whileLoop(
        (x: Value) => np.less(x, 10),
        (x: Value) => np.mul(x, 3),
        number(1),
      ).item(),
    ).toBe(27);
    expect(foriLoop(0, 3, (i, c: Value) => np.add(c, i), number(0)).item()).toBe(3);
  });

  it("as branches' results agree with arrays", () => {
    const f = (p: Value): Value =>
      cond(
        p,
        () => np.array(1),
        () => number(2),
      );
    expect([f(np.array(true)).item(), f(np.array(false)).item()]).toEqual([1, 2]);
  });

  it("do not change the dtype of what they meet, whichever transformation is around", () => {
    const f = (x: Value): Value => np.mul(2, np.add(x, 1));
    const n = i32([2], [1, 2]);
    for (const g of [f, jit(f), vmap(f), jit(vmap(f))]) {
      const y = g(n);
      expect([y.dtype, y.toArray()]).toEqual(["i32", [4, 6]]);
      expect(y.aval.weak).toBe(false);
    }
  });
});
