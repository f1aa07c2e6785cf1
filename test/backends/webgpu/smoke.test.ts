import { expect, test } from "vitest";
import { createWebGpuBackend } from "../../../src/backends/webgpu/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import { cond, grad, jit, toHost, whileLoop, type Value } from "../../../src/index.ts";
import * as np from "../../../src/numpy/index.ts";
import * as debug from "../../../src/debug/index.ts";

test("smoke", async () => {
  setBackend(await createWebGpuBackend({}));
  const f = jit((x: Value, p: Value, q: Value) =>
    cond(p, (y: Value) => cond(q, (z: Value) => np.multiply(z, 2), (z: Value) => np.add(np.sum(z), z), y), (y: Value) => np.negative(y), x));
  for (const p of [true, false]) for (const q of [true, false]) {
    console.log(p, q, (await toHost(f(np.array([1, 2, 3]), np.array(p), np.array(q))) as any).toArray());
  }
  const w = jit((n: Value) => whileLoop((x: Value) => np.less(x, n), (x: Value) => np.add(x, x), np.array(1)));
  console.log((await toHost(w(np.array(100))) as any).toArray());
  const g = jit((n: Value) => { debug.print("n is {}", n); return np.add(n, 1); });
  const y = g(np.array(3));
  console.log(String(y), (await toHost(g(y)) as any).toArray());
  const h = grad((x: Value) => cond(np.greater(x, 0), (y: Value) => np.multiply(y, y), (y: Value) => np.negative(y), x));
  console.log((await toHost(h(np.array(3))) as any).item(), (await toHost(h(np.array(-3))) as any).item());
  expect(1).toBe(1);
});
