/** Arrays that are freed before the garbage collector finds them: release, using, scope. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { avalOf } from "../../src/core/aval.ts";
import type { ResidentStorage } from "../../src/core/storage.ts";
import { dispose, init, jit, release, scope, Tensor, vjp, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { f32 } from "../support/arrays.ts";

beforeAll(() => init("reference"));
afterAll(dispose);

const tensor = (value: Value): Tensor => {
  if (value instanceof Tensor) return value;
  throw new TypeError("no tensor");
};

/** An array whose storage counts how often it is released. */
const counted = (): { readonly x: Tensor; readonly released: () => number } => {
  let released = 0;
  const storage: ResidentStorage = {
    kind: "resident",
    place: { name: "arena" },
    words: () => Float32Array.of(1),
    release: () => void released++,
  };
  return { x: new Tensor(avalOf("f32", [1]), storage), released: () => released };
};

describe("a released array", () => {
  it("gives its storage back once, and says what happened to it", async () => {
    const { x, released } = counted();
    expect([x.isReleased, x.isDonated]).toEqual([false, false]);
    x.release();
    x.release();
    release([x, 1, null, "text"]);
    expect([released(), x.isReleased, x.isDonated, String(x)]).toEqual([
      1,
      true,
      false,
      "Tensor<released>",
    ]);
    expect([x.shape, x.dtype]).toEqual([[1], "f32"]);
    const message =
      "release: this tensor was released and has no elements any more: got f32[1]. Release it after its last use";
    for (const use of [
      () => x.words(),
      () => x.item(),
      () => x.place,
      () => np.add(x, 1),
      () => x.donate("step"),
    ])
      expect(use).toThrow(message);
    await expect(x.data()).rejects.toThrow(message);
  });

  it("is not released again when it was donated", () => {
    const { x, released } = counted();
    x.donate("step");
    x.release();
    expect([released(), x.isReleased, x.isDonated]).toEqual([0, true, true]);
    expect(() => x.words()).toThrow("step: this tensor was donated");
  });

  it("is found among the arguments of a compiled function", () => {
    const f = jit((params: { w: Value; b: Value }, x: Value) =>
      np.add(np.multiply(params.w, x), params.b),
    );
    const params = { w: np.array([1, 2]), b: np.array([0, 1]) };
    f(params, np.array(2));
    release(params.w);
    expect(() => f(params, np.array(2))).toThrow(
      "release: this tensor was released and has no elements any more: got argument 0.w: f32[2]",
    );
  });

  it("is what `using` leaves behind, also where an error ends the block", () => {
    const seen: Tensor[] = [];
    expect(() => {
      using x = tensor(np.add(f32([1], [1]), 1));
      using y = np.multiply(x, 2);
      seen.push(x, tensor(y));
      expect(y.toArray()).toEqual([4]);
      throw new Error("in between");
    }).toThrow("in between");
    expect(seen.map((x) => x.isReleased)).toEqual([true, true]);
    expect(() => seen[0].words()).toThrow("using: this tensor was released");
  });

  it("is nothing to a trace", () => {
    const f = jit((x: Value) => {
      using twice = np.multiply(x, 2);
      const y = np.add(twice, 1);
      release(twice);
      return y;
    });
    expect(f(np.array(3)).item()).toBe(7);
  });
});

describe("a scope", () => {
  it("frees what was made inside and is not returned, and nothing else", () => {
    const outside = f32([2], [1, 2]);
    const inside: Tensor[] = [];
    const { kept, list } = scope(() => {
      const a = tensor(np.add(outside, 1));
      const b = tensor(np.multiply(a, 2));
      inside.push(a, b);
      return { kept: np.sum(b), list: [outside, 3, null] };
    });
    expect(kept.item()).toBe(10);
    expect(list[0]).toBe(outside);
    expect([outside, ...inside].map((x) => x.isReleased)).toEqual([false, true, true]);
    expect(() => inside[0].words()).toThrow("scope: this tensor was released");
  });

  it("hands its result to the scope around it", () => {
    const made: Tensor[] = [];
    const x = scope(() => {
      const inner = scope(() => np.add(f32([1], [1]), 1));
      made.push(tensor(inner));
      return np.add(inner, 1);
    });
    expect([x.toArray(), made[0].isReleased]).toEqual([[3], true]);
  });

  it("frees everything when it throws", () => {
    const made: Tensor[] = [];
    expect(() =>
      scope(() => {
        made.push(tensor(np.add(f32([1], [1]), 1)));
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(made[0].isReleased).toBe(true);
  });

  it("refuses to wait, and says what to do", async () => {
    expect(() => scope(async () => np.array(1))).toThrow(
      "scope: the function returned a promise, but what it made is freed now",
    );
    expect(() => scope(() => Promise.reject(new Error("unheard")))).toThrow("a promise");
    const y = await scope(() => np.add(np.array([1]), 1)).data();
    expect([...y]).toEqual([2]);
  });

  it("leaves what is kept, at any depth", () => {
    let table: Value | undefined;
    const slope = scope((keep) =>
      scope((alsoKeep) => {
        table = keep(np.arange(3));
        const [, pull] = vjp((x: Value) => np.sum(np.multiply(x, x)), alsoKeep(np.array([3])));
        return pull;
      }),
    );
    expect(table?.toArray()).toEqual([0, 1, 2]);
    expect(slope).toBeTypeOf("function");
  });

  it("leaves what a compiled function has closed over", () => {
    const f = jit((x: Value) => np.add(x, np.array([10, 20])));
    const first = scope(() => f(np.array([1, 2])));
    expect(first.toArray()).toEqual([11, 22]);
    expect(f(np.array([1, 2])).toArray()).toEqual([11, 22]);
    const outer = scope(() => {
      const table = np.array([1, 1]);
      const g = jit((x: Value) => np.multiply(x, table));
      return scope(() => [g, g(np.array([5, 6]))] as const);
    });
    expect(outer[0](np.array([2, 3])).toArray()).toEqual([2, 3]);
  });

  it("frees exactly what no result holds, whatever is nested in whatever", () => {
    const node = (inner: fc.Arbitrary<readonly Nested[]>): fc.Arbitrary<Nested> =>
      fc.record({ makes: fc.nat({ max: 3 }), returns: fc.nat({ max: 3 }), inner });
    // Without an end to the depth, a few trees in thousands are deeper than the stack.
    const tree = fc.letrec<{ node: Nested }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        node(fc.constant([])),
        node(fc.array(tie("node"), { minLength: 1, maxLength: 3 })),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (nested) => {
        const all: Tensor[] = [];
        const run = ({ makes, returns, inner }: Nested): readonly Tensor[] =>
          scope(() => {
            const own = Array.from({ length: makes }, (_, i) => f32([1], [i]));
            all.push(...own);
            return [...own, ...inner.flatMap(run)].slice(0, returns);
          });
        const alive = new Set(run(nested));
        expect(all.filter((x) => !x.isReleased)).toEqual(all.filter((x) => alive.has(x)));
      }),
      { numRuns: 60 },
    );
  });
});

interface Nested {
  readonly makes: number;
  readonly returns: number;
  readonly inner: readonly Nested[];
}
