/** Simple recurrent units and product-key memories against loops in double precision. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tree, vjp, vmap, type Tensor, type Value } from "../../src/index.ts";
import { sliceInDim } from "../../src/lax/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import { memoryByTable, unitByLoop, wordsOf as words } from "../oracles/memory-layers.ts";
import { expectClose, expectSameBits, f32, normalTensor, rowsOf } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { expectDerivatives } from "../support/derivatives.ts";

const close = { absolute: 1e-5, relative: 1e-5 };
const sizes = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
/** What `words` and the tables read of an array, in double precision. */
const doubles = (shape: readonly number[], all: readonly number[]): Value =>
  ({ shape, words: () => all }) as unknown as Value;

describeBackends("a simple recurrent unit", () => {
  const cases = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    batch: sizes(3),
    length: sizes(9),
    width: sizes(5),
    tanh: fc.boolean(),
    highway: fc.constantFrom(undefined, 1, 0.5),
  });

  test("is the loop over steps, for any sizes", () => {
    fc.assert(
      fc.property(cases, ({ seed, batch, length, width, tanh, highway }) => {
        const x = normalTensor(seed, [batch, length, width]);
        const kernel = normalTensor(seed + 1, [width, 3 * width]);
        const bias = normalTensor(seed + 2, [3 * width]);
        const options = { highway, activation: tanh ? ("tanh" as const) : undefined };
        const out = nn.sru({ kernel, bias }, x, options);
        expect(out.shape).toEqual(x.shape);
        const rows = rowsOf(words(x), width);
        const texts = Array.from({ length: batch }, (_, n) =>
          rows.slice(n * length, (n + 1) * length),
        );
        const expected = unitByLoop(
          texts,
          rowsOf(words(kernel), 3 * width),
          words(bias),
          tanh,
          highway ?? 3 ** 0.5,
        );
        expectClose(words(out), expected, close, "out");
        const each = vmap((one: Value) => nn.sru({ kernel, bias }, one, options))(x);
        expectSameBits(each, out, "vmap");
      }),
      { numRuns: 30 },
    );
  });

  test("has the derivatives that differences show, in all that it reads", () => {
    const [x, kernel, bias] = [[2, 4, 3], [3, 9], [9]].map((shape, i) =>
      normalTensor(i + 5, shape),
    );
    expectDerivatives((at) => nn.sru({ kernel, bias }, at), x);
    expectDerivatives((at) => nn.sru({ kernel: at, bias }, x, { activation: "tanh" }), kernel);
    expectDerivatives((at) => nn.sru({ kernel, bias: at }, x), bias);
  });

  test("never looks ahead", () => {
    const { kernel, bias } = nn.initSru(3)(key(3))[0];
    const x = normalTensor(4, [1, 6, 3]);
    const head = (one: Value): Value => sliceInDim(one, 0, 4, 1);
    const changed = np.concatenate([head(x), normalTensor(5, [1, 2, 3])], 1);
    const [before, after] = [x, changed].map((one) => head(nn.sru({ kernel, bias }, one)));
    expectSameBits(after, before, "before the change");
  });
});

/** Norms and biases away from where they begin. */
const memoryOf = (seed: number, sizes: nn.ProductKeyInit): nn.ProductKeyParams => {
  const [params] = nn.initProductKeys(sizes)(key(seed));
  const half = sizes.width / 2;
  return {
    ...params,
    keys: normalTensor(seed, [sizes.heads, 2, sizes.keys, half]),
    norm: { gamma: normalTensor(seed + 1, [half]), beta: normalTensor(seed + 2, [half]) },
  };
};

describeBackends("a memory with product keys", () => {
  const cases = fc
    .record({
      seed: fc.integer({ min: 1, max: 1e6 }),
      rows: sizes(4),
      inputs: sizes(5),
      outputs: sizes(4),
      heads: sizes(3),
      keys: sizes(6),
      half: fc.integer({ min: 2, max: 4 }),
    })
    .chain((drawn) => fc.record({ drawn: fc.constant(drawn), best: sizes(drawn.keys) }));

  test("reads what the table of all pairs says, for any sizes", () => {
    fc.assert(
      fc.property(cases, ({ drawn: { seed, rows, half, ...sizesOf }, best }) => {
        const params = memoryOf(seed, { ...sizesOf, width: 2 * half });
        const x = normalTensor(seed + 3, [rows, sizesOf.inputs]);
        const out = nn.productKeys(params, x, { best, epsilon: 1e-3 });
        expect(out.shape).toEqual([rows, sizesOf.outputs]);
        const expected = rowsOf(words(x), sizesOf.inputs).flatMap((row) =>
          memoryByTable(params, row, best, 1e-3),
        );
        expectClose(words(out), expected, { absolute: 5e-5, relative: 1e-4 }, "out");
        const each = vmap((one: Value) => nn.productKeys(params, one, { best, epsilon: 1e-3 }))(x);
        expectClose(words(each), words(out), close, "vmap");
      }),
      { numRuns: 30 },
    );
  });

  test("has the derivatives that differences of the table show, in all that it reads", () => {
    const epsilon = 1e-2;
    const params = memoryOf(7, { inputs: 3, outputs: 2, heads: 2, keys: 4, width: 6 });
    const x = normalTensor(8, [2, 3]);
    const cotangent = normalTensor(9, [2, 2]);
    const [, pull] = vjp(
      (at: nn.ProductKeyParams, rows: Value) => nn.productKeys(at, rows, { best: 3, epsilon }),
      params,
      x,
    );
    const gradient = pull(cotangent);
    const at = tree.flatten<Tensor>([params, x]);
    const along = at.leaves.map((leaf, i) => normalTensor(20 + i, leaf.shape));
    // Small enough that no other rows become the best ones, and in double precision.
    const step = 1e-5;
    const valueAt = (t: number): number => {
      const moved = at.leaves.map((leaf, i) =>
        doubles(
          leaf.shape,
          words(leaf).map((y, j) => y + t * words(along[i])[j]),
        ),
      );
      const [there, rows] = tree.unflatten(at.structure, moved) as [nn.ProductKeyParams, Value];
      const out = rowsOf(words(rows), 3).flatMap((row) => memoryByTable(there, row, 3, epsilon));
      return out.reduce((sum, y, i) => sum + y * words(cotangent)[i], 0);
    };
    const slope = (valueAt(step) - valueAt(-step)) / (2 * step);
    const ours = tree
      .leaves<Value>(gradient)
      .flatMap((leaf, i) => words(leaf).map((y, j) => y * words(along[i])[j]))
      .reduce((sum, y) => sum + y, 0);
    expect(Math.abs(ours - slope)).toBeLessThan(1e-3 * (1 + Math.abs(slope)));
  });

  test("refuses to read more than there is", () => {
    const params = memoryOf(1, { inputs: 2, outputs: 2, heads: 1, keys: 3, width: 4 });
    const read = (best: number) => nn.productKeys(params, f32([1, 2], [1, 2]), { best });
    expect(() => read(4)).toThrow(/at most 3/);
    expect(() => read(0)).toThrow(/best/);
    expect(() =>
      nn.initProductKeys({ inputs: 2, outputs: 2, heads: 1, keys: 3, width: 5 }),
    ).toThrow();
  });
});
