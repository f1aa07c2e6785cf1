import { describe, expect, it } from "vitest";
import {
  checkProgram,
  clearCaches,
  evalShape,
  grad,
  init,
  jit,
  makeProgram,
  tree,
  vmap,
  type Backend,
  type Program,
  type Value,
} from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import * as np from "../../src/numpy/index.ts";
import { expectSameBits, i32, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

/** The reference backend, counting what it compiles. */
async function countingBackend(): Promise<{ readonly compiled: Program[] }> {
  const inner = await init("reference");
  const compiled: Program[] = [];
  const backend: Backend = {
    ...inner,
    name: "counting",
    compile: (program) => {
      compiled.push(checkProgram(program));
      return inner.compile(program);
    },
  };
  setBackend(backend);
  return { compiled };
}

describe("a traced value", () => {
  it("knows its shape, rank and size, as a concrete one does", async () => {
    await init("reference");
    const seen: unknown[] = [];
    const look = ({ w }: { readonly w: Value }): Value => {
      seen.push([w.shape, w.rank, w.size, w.dtype]);
      return w;
    };
    const zeros = tree.map(np.zerosLike, { w: normalTensor(1, [2, 3, 0]) });
    jit(look)(zeros);
    look(zeros);
    expect(seen).toEqual([
      [[2, 3, 0], 3, 0, "f32"],
      [[2, 3, 0], 3, 0, "f32"],
    ]);
  });
});

describe("the cache of traces", () => {
  it("traces once for each structure, shape, dtype and static value", async () => {
    await init("reference");
    let traces = 0;
    const f = jit(
      (tree: { readonly w: Value; readonly b?: Value }, flag: string) => {
        traces++;
        return flag === "double" ? np.mul(2, tree.w) : tree.w;
      },
      { staticArgnums: [1] },
    );
    const w = np.array([1, 2]);
    f({ w }, "plain");
    f({ w: np.array([3, 4]) }, "plain");
    expect([traces, f.cacheSize()]).toEqual([1, 1]);
    expect(f({ w }, "double").toArray()).toEqual([2, 4]);
    expect(f({ w }, "plain").toArray()).toEqual([1, 2]);
    expect(traces).toBe(2);
    f({ w: np.zeros([3]) }, "plain");
    f({ w: i32([2], [1, 2]) }, "plain");
    f({ w, b: w }, "plain");
    expect([traces, f.cacheSize()]).toEqual([5, 5]);
    f.clearCache();
    expect(f.cacheSize()).toBe(0);
    f({ w }, "plain");
    expect(traces).toBe(6);
  });

  it("compares statics by structure, functions by identity", async () => {
    await init("reference");
    let traces = 0;
    const f = jit(
      (x: Value, settings: { readonly scale: number; readonly act: (x: Value) => Value }) => {
        traces++;
        return settings.act(np.mul(settings.scale, x));
      },
      { staticArgnums: [1] },
    );
    const [one, other] = [(x: Value) => np.sin(x), (x: Value) => np.sin(x)];
    f(np.array(1), { scale: 2, act: one });
    f(np.array(1), { act: one, scale: 2 });
    expect(traces).toBe(1);
    f(np.array(1), { scale: 2, act: other });
    f(np.array(1), { scale: -0, act: one });
    f(np.array(1), { scale: 0, act: one });
    expect(traces).toBe(4);
  });

  it("takes JavaScript numbers as weak scalars, which are not arrays", async () => {
    await init("reference");
    const f = jit((x: Value, y: Value | number) => np.add(x, y));
    const x = np.array(1);
    expect([f(x, 2).item(), f(x, np.array(2)).item(), f(x, 7).item()]).toEqual([3, 3, 8]);
    expect(f.cacheSize()).toBe(2);
    // Whole numbers and others are two traces: beside integers they are an integer and a float.
    expect(f(i32([], [1]), 2).dtype).toBe("i32");
    expect(f(i32([], [1]), 2.5).dtype).toBe("f32");
  });

  it("is bounded", async () => {
    await init("reference");
    let traces = 0;
    const f = jit((x: Value) => {
      traces++;
      return np.add(x, 1);
    });
    for (let n = 1; n <= 80; n++) f(np.zeros([n]));
    expect([traces, f.cacheSize()]).toEqual([80, 64]);
    f(np.zeros([80]));
    expect(traces).toBe(80);
    f(np.zeros([1]));
    expect(traces).toBe(81);
  });
});

describe("the cache of compiled programs", () => {
  it("compiles equal programs once, whatever constants they close over", async () => {
    const { compiled } = await countingBackend();
    const scaleBy = (factor: readonly number[]) => {
      const constant = np.array(factor);
      return jit((x: Value) => np.mul(x, constant));
    };
    const x = np.array([1, 2]);
    expect(scaleBy([1, 10])(x).toArray()).toEqual([1, 20]);
    const count = compiled.length;
    expect(scaleBy([3, 30])(x).toArray()).toEqual([3, 60]);
    expect(compiled.length).toBe(count);
    clearCaches();
    expect(scaleBy([1, 10])(x).toArray()).toEqual([1, 20]);
    expect(compiled.length).toBeGreaterThan(count);
  });

  it("never mistakes programs that differ in a number, a sign of zero, a shape or a name", async () => {
    const { compiled } = await countingBackend();
    const x = np.array([1, -1]);
    for (const factor of [2, 3, 0, -0, Number.NaN]) {
      const [a, b] = jit((y: Value) => np.mul(y, factor))(x).dataSync();
      expect(Object.is(a, factor) && Object.is(b, -factor)).toBe(true);
    }
    expect(compiled.length).toBeGreaterThanOrEqual(5);
  });

  it("compiles one operation once", async () => {
    const { compiled } = await countingBackend();
    clearCaches();
    for (let i = 0; i < 3; i++) np.sin(np.array([i, 1]));
    expect(compiled.length).toBe(1);
    np.sin(np.array([1, 2, 3]));
    expect(compiled.length).toBe(2);
  });
});

describeBackends("jit", (backend) => {
  it("keeps inputs that are not donated, and reuses those that are", () => {
    const step = jit((p: Value, g: Value) => np.sub(p, np.mul(0.5, g)), { donateArgnums: [0] });
    const [p, g] = [normalTensor(1, [1000]), normalTensor(2, [1000])];
    const before = [p.dataSync(), g.dataSync()];
    const expected = jit((a: Value, b: Value) => np.sub(a, np.mul(0.5, b)))(p, g);
    expect([p.dataSync(), g.dataSync()]).toEqual(before);
    expectSameBits(step(p, g), expected, "result");
    expect([p.isDonated, g.isDonated]).toEqual([true, false]);
    expect(g.dataSync()).toEqual(before[1]);
  });

  it("leaves donated inputs alone when the call fails", () => {
    const f = jit((a: Value, b: Value) => np.add(a, b), { donateArgnums: [0] });
    const [a, dead] = [normalTensor(1, [4]), normalTensor(2, [4])];
    dead.donate("elsewhere");
    expect(() => f(a, dead)).toThrow(/donated/);
    expect(a.isDonated).toBe(false);
  });

  it("gives the same array twice, or an argument back, as values of their own", () => {
    const f = jit((x: Value) => [x, np.sin(x), np.sin(x), x] as const);
    const x = normalTensor(3, [5]);
    const [a, b, c, d] = f(x);
    expectSameBits(a, x, "argument");
    expectSameBits(d, x, "argument");
    expectSameBits(b, c, "twice");
  });

  it("handles empty arrays, no arguments and no results", () => {
    expect(jit(() => np.add(1, 2))().item()).toBe(3);
    expect(jit((x: Value) => np.sum(np.sin(x)))(np.zeros([0])).item()).toBe(0);
    expect(jit((_x: Value) => ({}))(np.zeros([2]))).toEqual({});
    expect(grad((x: Value) => np.sum(np.mul(x, x)))(np.zeros([0, 3])).shape).toEqual([0, 3]);
  });

  it("inside grad and vmap of jit, with closed-over traced values", () => {
    const outer = (w: Value, x: Value): Value => {
      // A new function each time, closed over w: its trace must not outlive w's.
      const inner = jit((y: Value) => np.sum(np.mul(w, np.sin(y))));
      return inner(x);
    };
    const [w, x] = [normalTensor(4, [3]), normalTensor(5, [3])];
    expectSameBits(grad(outer)(w, x), np.sin(x), "gradient of what is closed over");
    expectSameBits(jit(grad(outer))(w, x), np.sin(x), "under jit");
    const shared = jit((y: Value) => np.mul(y, y));
    const batch = vmap((v: Value) => grad((y: Value) => np.sum(shared(np.mul(v, y))))(x))(
      np.stack([w, x]),
    );
    expect(batch.shape).toEqual([2, 3]);
  });

  it(`knows shapes without computing (${backend})`, () => {
    const shapes = evalShape(
      (x: Value) => ({ y: np.matmul(x, x), n: np.argmax(x, 0) }),
      np.zeros([3, 3]),
    );
    expect(shapes).toEqual({ y: { shape: [3, 3], dtype: "f32" }, n: { shape: [3], dtype: "i32" } });
  });

  it("reports plan, peak and program", () => {
    const { program, report } = jit((x: Value) => np.matmul(x, np.sin(x))).lower(
      np.zeros([16, 16]),
    );
    expect(checkProgram(program)).toBe(program);
    expect(report.backend).toBe(backend);
    expect(report.flops).toBeGreaterThanOrEqual(2 * 16 ** 3);
    expect(report.peakBytes).toBeGreaterThanOrEqual(2 * 4 * 16 * 16);
    expect(report.plan.length).toBeGreaterThan(0);
    expect(makeProgram((x: Value) => np.sin(x))(np.zeros([2])).outputs.length).toBe(1);
  });
});
