/* Values that leave the arena come back with the same bits, and their place belongs to others in between. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grad, init, jit, valueAndGrad, vmap, type Value } from "../../src/index.ts";
import { foriLoop, offload, scan } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";

const size = 64;
const bytes = 4 * size * size;

/** Several steps that cannot become one, on values as large as x. */
const chain = (x: Value): Value =>
  [1, 2, 3].reduce<Value>((y) => np.divide(np.matmul(y, x), 64), x);

const early = (x: Value): Value => np.tanh(np.matmul(x, np.transpose(x)));

/** `early` is computed first and read last. */
const withEarly =
  (keep: (x: Value) => Value) =>
  (x: Value): Value => {
    const first = keep(early(x));
    return np.add(chain(chain(np.sin(x))), first);
  };

const matrix = (seed: number): Value =>
  np.reshape(np.sin(np.multiply(np.arange(size * size), 0.37 + seed)), [size, size]);

const same = (x: Value): Value => x;

describe("an off-loaded value", () => {
  beforeAll(async () => {
    await init("wasm", { threads: 2, smallest: { step: 0, run: 0 }, poison: true });
  });
  afterAll(async () => {
    await init();
  });

  test("leaves its place to others, and says so", () => {
    const stays = jit(withEarly(same));
    const leaves = jit(withEarly(offload));
    const x = matrix(0);
    expect(leaves(x).toArray()).toEqual(stays(x).toArray());
    const [before, after] = [stays, leaves].map((f) => f.lower(x).report);
    expect(before.hostBytes).toBe(0);
    expect(after.hostBytes).toBe(bytes);
    expect(after.peakBytes).toBeLessThanOrEqual(before.peakBytes - bytes);
    expect(after.plan).toMatch(/16 KiB off-loaded/);
  });

  test("comes back in every call", () => {
    const f = jit(withEarly(offload));
    fc.assert(
      fc.property(fc.float({ min: -3, max: 3, noNaN: true }), (seed) => {
        const x = matrix(seed);
        expect(f(x).toArray()).toEqual(withEarly(same)(x).toArray());
      }),
      { numRuns: 10 },
    );
  });

  test("may leave inside of loops and of functions that several places call", () => {
    const inner = jit((x: Value, y: Value) => {
      const first = offload(np.sin(x));
      return np.add(np.matmul(np.cos(y), x), first);
    });
    const f = (keep: (x: Value) => Value) => (x: Value) => {
      const outer = keep(np.matmul(x, x));
      const [carry] = scan(
        (c: Value, row: Value): readonly [Value, Value] => {
          const kept = keep(np.multiply(c, row));
          return [np.tanh(np.add(inner(c, x), kept)), row];
        },
        x,
        x,
      );
      const looped = foriLoop(0, 3, (_, c: Value) => np.divide(inner(c, outer), 8), carry);
      return np.add(looped, outer);
    };
    const x = np.divide(matrix(1), 8);
    expect(jit(f(offload))(x).toArray()).toEqual(jit(f(same))(x).toArray());
    expect(jit(f(offload)).lower(x).report.hostBytes).toBe(3 * bytes);
  });

  test("has the derivatives of the value, also off-loaded, and can be mapped", () => {
    const total = (keep: (x: Value) => Value) => (x: Value) =>
      np.sum(np.square(withEarly(keep)(x)));
    const x = matrix(2);
    const [value, gradient] = jit(valueAndGrad(total(offload)))(x);
    const [expected, expectedGradient] = jit(valueAndGrad(total(same)))(x);
    expect(value.item()).toBe(expected.item());
    expect(gradient.toArray()).toEqual(expectedGradient.toArray());
    const twice = (keep: (x: Value) => Value) =>
      jit(grad((y: Value) => np.sum(grad(total(keep))(y))));
    expect(twice(offload)(x).toArray()).toEqual(twice(same)(x).toArray());
    const batch = np.stack([matrix(3), matrix(4)]);
    expect(vmap(withEarly(offload))(batch).toArray()).toEqual(
      vmap(withEarly(same))(batch).toArray(),
    );
  });

  test("that nobody reads never leaves; a result comes back at the end", () => {
    const x = matrix(5);
    const unread = jit((y: Value) => {
      offload(np.sin(y));
      return np.cos(y);
    });
    expect(unread.lower(x).report.hostBytes).toBe(0);
    const result = jit((y: Value) => [offload(np.sin(y)), chain(y)] as const);
    expect(result(x)[0].toArray()).toEqual(np.sin(x).toArray());
    expect(offload(x).toArray()).toEqual(x.toArray());
  });
});
