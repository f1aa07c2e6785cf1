import { beforeAll, describe, expect, it } from "vitest";
import { init, jit, ReformaxError, vmap, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";

beforeAll(async () => {
  await init("reference");
});

/** x times a number that the static value is turned into; and how often it was traced. */
function counted<S>(numberOf: (s: S) => number): {
  f: (x: Value, s: S) => number;
  traces: () => number;
} {
  let traces = 0;
  const f = jit(
    (x: Value, s: S) => {
      traces += 1;
      return np.mul(x, numberOf(s));
    },
    { staticArgnums: [1] },
  );
  return { f: (x, s) => f(x, s).item(), traces: () => traces };
}

const one = (): Value => np.array(1);

describe("static arguments of jit", () => {
  it("symbols are themselves, not their description", () => {
    const [a, b] = [Symbol("s"), Symbol("s")];
    const { f } = counted((s: symbol) => (s === a ? 1 : 2));
    expect([f(one(), a), f(one(), b), f(one(), a)]).toEqual([1, 2, 1]);
    const shared = counted((s: symbol) => (s === Symbol.for("s") ? 1 : 2));
    expect([shared.f(one(), Symbol.for("s")), shared.f(one(), a)]).toEqual([1, 2]);
  });

  it.each<[string, () => { value: unknown; change: () => void; read: (v: unknown) => number }]>([
    [
      "a typed array",
      () => {
        const value = Float32Array.of(2);
        return { value, change: () => (value[0] = 3), read: (v) => (v as Float32Array)[0] };
      },
    ],
    [
      "a list",
      () => {
        const value = [2];
        return { value, change: () => (value[0] = 3), read: (v) => (v as number[])[0] };
      },
    ],
    [
      "an object",
      () => {
        const value = { a: { b: 2 } };
        return { value, change: () => (value.a.b = 3), read: (v) => (v as typeof value).a.b };
      },
    ],
    [
      "a map",
      () => {
        const value = new Map([["a", 2]]);
        return {
          value,
          change: () => value.set("a", 3),
          read: (v) => (v as typeof value).get("a") ?? 0,
        };
      },
    ],
    [
      "a set",
      () => {
        const value = new Set([2]);
        return {
          value,
          change: () => value.clear(),
          read: (v) => ((v as typeof value).size === 0 ? 3 : 2),
        };
      },
    ],
    [
      "a date",
      () => {
        const value = new Date(2);
        return { value, change: () => value.setTime(3), read: (v) => (v as Date).getTime() };
      },
    ],
    [
      "an ArrayBuffer",
      () => {
        const value = Uint8Array.of(2).buffer;
        return {
          value,
          change: () => (new Uint8Array(value)[0] = 3),
          read: (v) => new Uint8Array(v as ArrayBuffer)[0],
        };
      },
    ],
  ])("%s that changes in place is seen", (_, make) => {
    const { value, change, read } = make();
    const { f, traces } = counted(read);
    expect([f(one(), value), f(one(), value), traces()]).toEqual([2, 2, 1]);
    change();
    expect(f(one(), value)).toBe(3);
  });

  it("that hold themselves, or nest without end, are an error that says so", () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = [cyclic];
    const { f } = counted(() => 1);
    expect(() => f(one(), cyclic)).toThrow(/a static argument holds itself/);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => f(one(), deep)).toThrow(/nests too deeply/);
    const shared = [1];
    expect(f(one(), [shared, shared])).toBe(1);
  });

  it("count from the end", () => {
    const f = jit((x: Value, n: number) => np.mul(x, n === 2 ? 20 : 1), { staticArgnums: [-1] });
    expect(f(one(), 2).item()).toBe(20);
    const donating = jit((x: Value, y: Value) => np.add(x, y), { donateArgnums: [-1] });
    const [x, y] = [np.array([1, 2]), np.array([3, 4])];
    expect(donating(x, y).toArray()).toEqual([4, 6]);
    expect(x.toArray()).toEqual([1, 2]);
    expect(() => y.toArray()).toThrow(ReformaxError);
  });

  it.each<[string, object]>([
    ["staticArgnums beyond the arguments", { staticArgnums: [9] }],
    ["staticArgnums before them", { staticArgnums: [-3] }],
    ["a fraction", { staticArgnums: [0.5] }],
    ["donateArgnums beyond", { donateArgnums: [9] }],
    ["one static and donated", { staticArgnums: [1], donateArgnums: [-1] }],
  ])("%s are errors", (_, options) => {
    const called = (): Value => jit((x: Value, y: Value) => np.add(x, y), options)(one(), one());
    expect(called).toThrow(ReformaxError);
  });
});

describe("vmap", () => {
  it("of nothing is an error, not axis 0", () => {
    const double = (x: Value): Value => np.mul(x, 2);
    expect(() => vmap(double, { inAxes: null })(np.array([1, 2, 3]))).toThrow(
      /no argument is mapped/,
    );
    expect(() => vmap(double, { inAxes: [null] })(np.array([1, 2, 3]))).toThrow(
      /no argument is mapped/,
    );
    expect(vmap(double, { inAxes: undefined })(np.array([1, 2, 3])).toArray()).toEqual([2, 4, 6]);
  });
});
