import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LruCache } from "../../src/transforms/lru-cache.ts";

describe("LruCache", () => {
  it("keeps what was used last, and creates nothing that it keeps", () => {
    const names = fc.constantFrom("a", "b", "c", "d", "e", "f", "g");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(names), (capacity, uses) => {
        const cache = new LruCache<object>(capacity);
        const values = new Map<string, object>();
        let recent: string[] = [];
        for (const name of uses) {
          const isKept = recent.includes(name);
          const made = cache.getOrCreate(name, () => {
            expect(isKept, `${name} is kept`).toBe(false);
            values.set(name, {});
            return values.get(name) ?? {};
          });
          expect(made).toBe(values.get(name));
          recent = [...recent.filter((other) => other !== name), name].slice(-capacity);
          expect(cache.size).toBe(recent.length);
        }
        cache.clear();
        expect(cache.size).toBe(0);
      }),
    );
  });

  it("goes on after it was cleared, and where creating comes to the same key", () => {
    const cache = new LruCache<number>(2);
    const twice = cache.getOrCreate("a", () => 1 + cache.getOrCreate("a", () => 1));
    expect([twice, cache.size, cache.getOrCreate("a", () => 0)]).toEqual([2, 1, 2]);
    cache.getOrCreate("b", () => 3);
    cache.getOrCreate("c", () => 4);
    expect([cache.size, cache.getOrCreate("a", () => 5)]).toEqual([2, 5]);
    cache.clear();
    cache.getOrCreate("d", () => 6);
    expect([cache.size, cache.getOrCreate("d", () => 0)]).toEqual([1, 6]);
  });

  it("may be used while it creates", () => {
    const cache = new LruCache<number>(2);
    const outer = cache.getOrCreate("outer", () => 1 + cache.getOrCreate("inner", () => 1));
    expect([outer, cache.size]).toEqual([2, 2]);
    expect(cache.getOrCreate("inner", () => 0)).toBe(1);
  });
});
