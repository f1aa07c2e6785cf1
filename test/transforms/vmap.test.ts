import { expect, it } from "vitest";
import { grad, jit, jvp, vmap, type Value } from "../../src/index.ts";
import { foriLoop, scan, whileLoop } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { expectClose, expectSameBits, i32, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

describeBackends("vmap", () => {
  it("takes axes for every argument and leaf, and puts the mapped axis where it is told", () => {
    const f = (p: { readonly w: Value; readonly b: Value }, x: Value): Value =>
      np.add(np.matmul(p.w, x), p.b);
    const w = normalTensor(1, [2, 4, 3]);
    const b = normalTensor(2, [2]);
    const x = normalTensor(3, [3, 4]);
    const out = vmap(f, { inAxes: [{ b: null, w: 1 }, 1], outAxes: -1 })({ w, b }, x);
    expect(out.shape).toEqual([2, 4]);
    for (let n = 0; n < 4; n++) {
      const own = f({ w: np.index(w, "...", n, np.slice()), b }, np.index(x, np.slice(), n));
      expectSameBits(np.index(out, np.slice(), n), own, `element ${n}`);
    }
  });

  it("nests: the outer axis of a matrix of functions", () => {
    const outer = vmap((a: Value) => vmap((b: Value) => np.mul(a, np.sin(b)))(np.array([1, 2])));
    const a = np.array([1, 2, 3]);
    expectSameBits(outer(a), np.outer(a, np.sin(np.array([1, 2]))), "outer product");
  });

  it("repeats results that do not depend on a mapped argument", () => {
    expect(
      vmap<readonly [Value]>(() => np.array([7, 8]), { outAxes: 1 })(np.zeros([3])).toArray(),
    ).toEqual([
      [7, 7, 7],
      [8, 8, 8],
    ]);
  });

  it("gives per-example gradients, and the gradient of a mapped loss is their sum", () => {
    const loss = (w: Value, x: Value): Value => np.sum(np.tanh(np.mul(w, x)));
    const [w, xs] = [normalTensor(1, [3]), normalTensor(2, [5, 3])];
    const each = vmap(grad(loss), { inAxes: [null, 0] })(w, xs);
    const whole = grad((v: Value) => np.sum(vmap(loss, { inAxes: [null, 0] })(v, xs)))(w);
    expectClose(
      np.sum(each, 0).dataSync(),
      whole.dataSync(),
      { absolute: 1e-5, relative: 1e-5 },
      "sum",
    );
  });

  it("runs loops until the last element is done, each element as often as on its own", () => {
    const collatz = (n: Value): Value =>
      whileLoop<readonly [Value, Value]>(
        ([m]) => np.greater(m, 1),
        ([m, steps]) => [
          np.where(np.equal(np.remainder(m, 2), 0), np.floorDivide(m, 2), np.add(np.mul(3, m), 1)),
          np.add(steps, 1),
        ],
        [n, np.array(0, "i32")],
      )[1];
    const ns = i32([6], [1, 2, 3, 7, 27, 97]);
    expect(vmap(collatz)(ns).toArray()).toEqual([0, 1, 7, 16, 111, 118]);
    expect(jit(vmap(collatz))(ns).toArray()).toEqual([0, 1, 7, 16, 111, 118]);
  });

  it("maps loop bounds, captured values and carries", () => {
    const power = (x: Value, n: Value): Value =>
      foriLoop(0, n, (_, c: Value) => np.mul(c, x), np.array(1));
    const [xs, ns] = [np.array([2, 3, 0.5]), i32([3], [5, 0, 2])];
    expect(vmap(power)(xs, ns).toArray()).toEqual([32, 1, 0.25]);
    const [, tangents] = jvp((x: Value) => vmap(power)(x, ns), [xs], [np.ones([3])]);
    expect(tangents.toArray()).toEqual([80, 0, 1]);
    const running = vmap(
      (x: Value) =>
        scan(
          (c: Value, y: Value) => [np.add(c, np.mul(x, y)), c],
          np.array(0),
          np.array([1, 2]),
        )[1],
    );
    expect(running(xs).toArray()).toEqual([
      [0, 2],
      [0, 3],
      [0, 0.5],
    ]);
  });

  it("handles mapped axes of size 0 and 1", () => {
    const f = (x: Value): Value => np.sum(np.mul(x, np.sin(x)));
    expect(vmap(f)(np.zeros([0, 3])).shape).toEqual([0]);
    const x = normalTensor(1, [1, 3]);
    expectSameBits(vmap(grad(f))(x), np.expandDims(grad(f)(np.index(x, 0)), 0), "one example");
  });
});
