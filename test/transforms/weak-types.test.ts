import { beforeAll, describe, expect, it } from "vitest";
import {
  checkpoint,
  customJvp,
  customVjp,
  evalShape,
  grad,
  init,
  jit,
  jvp,
  makeProgram,
  valueAndGrad,
  vmap,
  type Value,
} from "../../src/index.ts";
import { cond, dynamicIndexInDim, foriLoop, scan, whileLoop } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { foldIn, key } from "../../src/random/index.ts";
import { i32 } from "../support/arrays.ts";

beforeAll(async () => {
  await init("reference");
});

/** A JavaScript number where an array is expected. */
const number = (x: number): Value => x as unknown as Value;

describe("JavaScript numbers", () => {
  it("as arguments of jit and grad are weak scalars", () => {
    const { inputs } = makeProgram((x: Value) => np.sin(x))(number(2));
    expect(inputs[0].aval).toEqual({ dtype: "i32", shape: [], weak: true });
    expect(makeProgram((x: Value) => np.sin(x))(number(0.5)).inputs[0].aval.dtype).toBe("f32");
    expect(grad((x: Value) => np.mul(x, x))(number(3)).item()).toBe(6);
    expect(jvp((x: Value) => np.mul(x, x), [number(3)], [number(1)])[1].item()).toBe(6);
  });

  it("as initial carries take the dtype that the body gives them", () => {
    const last = scan((_: Value, x: Value) => [np.argmax(x), null], number(0), np.eye(3))[0];
    expect([last.dtype, last.item()]).toEqual(["i32", 2]);
    const counted = scan(
      (c: Value, x: Value) => [np.add(c, np.argmax(x)), null],
      number(0),
      np.eye(3),
    )[0];
    expect([counted.dtype, counted.item()]).toEqual(["i32", 3]);
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

  const exact = i32([1], [16777217]);
  const plus = (x: Value, s: Value): Value => np.add(x, s);

  it.each<[string, (s: Value) => Value]>([
    ["nothing", (s) => plus(exact, s)],
    ["jit", (s) => jit(plus)(exact, s)],
    ["jit in jit", (s) => jit((x: Value, t: Value) => jit(plus)(x, t))(exact, s)],
    ["checkpoint", (s) => checkpoint(plus)(exact, s)],
    ["vmap", (s) => vmap(plus, { inAxes: [0, null] })(exact, s)],
    ["jit of vmap", (s) => jit(vmap(plus, { inAxes: [0, null] }))(exact, s)],
    ["cond", (s) => cond(true, plus, (x: Value) => x, exact, s)],
    [
      "scan's carry",
      (s) => scan((c: Value) => [np.add(i32([], [16777217]), c), null], s, null, { length: 1 })[0],
    ],
    [
      "a whileLoop's carry",
      (s) =>
        np.add(
          whileLoop(
            (c: Value) => np.less(c, -9),
            (c: Value) => np.add(c, i32([], [1])),
            s,
          ),
          exact,
        ),
    ],
    [
      "closing over a traced number",
      (s) =>
        jit((t: Value) => scan((c: Value) => [plus(c, t), null], exact, null, { length: 1 })[0])(s),
    ],
    [
      "customVjp",
      (s) =>
        customVjp(plus, { forward: (x, t) => [plus(x, t), null], backward: () => [null, null] })(
          exact,
          s,
        ),
    ],
    ["customJvp", (s) => customJvp(plus, ([x, t]) => [plus(x, t), np.zeros([1])])(exact, s)],
    [
      "an argument of grad that is not differentiated",
      (s) =>
        valueAndGrad((w: Value, t: Value) => [np.sum(w), plus(exact, t)], { hasAux: true })(
          np.array(1),
          s,
        )[0][1],
    ],
    ["a tree", (s) => jit((tree: { s: Value }) => plus(exact, tree.s))({ s })],
    ["evalShape", (s) => np.astype(np.zeros([1], evalShape(plus, exact, s).dtype), "i32")],
  ])("a whole number stays one inside of %s", (name, f) => {
    for (const s of [0, 2, -3]) {
      const result = f(number(s));
      expect(result.dtype).toBe("i32");
      if (name !== "evalShape") expect([...result.dataSync()]).toContain(16777217 + s);
    }
  });

  it("a number with a fraction makes a float of integers, and -0 stays -0", () => {
    for (const f of [plus, jit(plus), vmap(plus, { inAxes: [0, null] })]) {
      expect(f(i32([1], [1]), number(0.5)).toArray()).toEqual([1.5]);
    }
    expect(jit((x: Value) => np.divide(1, x))(number(-0)).item()).toBe(-Infinity);
  });

  it("numbers alone are f32 inside too", () => {
    const product = (x: Value, y: Value): Value => np.mul(x, y);
    expect(jit(product)(number(65536), number(65536)).item()).toBe(2 ** 32);
    expect(jit((x: Value) => x)(number(3)).dtype).toBe("f32");
    expect(jit(np.square as (x: Value) => Value)(number(3)).dtype).toBe("f32");
    expect(jit((x: Value) => np.sum(np.full([2], x)))(number(3)).dtype).toBe("f32");
    const [last, ys] = scan((c: Value) => [c, c], number(7), null, { length: 2 });
    expect([last.dtype, ys.dtype, ys.toArray()]).toEqual(["f32", "f32", [7, 7]]);
    const either = cond(
      np.array(true),
      () => number(1),
      () => number(2),
    );
    expect([either.dtype, either.item()]).toEqual(["f32", 1]);
  });

  it("are positions and seeds as they are outside", () => {
    const x = np.array([1, 2, 3]);
    expect(jit((i: Value) => np.take(x, i))(number(2)).item()).toBe(3);
    expect(jit((i: Value) => dynamicIndexInDim(x, i))(number(-1)).item()).toBe(3);
    expect(jit((i: Value) => foldIn(key(0), i))(number(4)).toArray()).toEqual(
      foldIn(key(0), 4).toArray(),
    );
  });

  it("of branches take the dtype of the others", () => {
    const pick = (p: boolean): Value =>
      cond(
        np.array(p),
        () => np.argmax(np.array([1, 3])),
        () => number(0),
      );
    expect([pick(true).dtype, pick(true).item(), pick(false).item()]).toEqual(["i32", 1, 0]);
    expect(() =>
      cond(
        np.array(true),
        () => np.argmax(np.array([1, 3])),
        () => number(0.5),
      ),
    ).toThrow(/branches/);
  });
});
