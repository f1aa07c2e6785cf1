/** The laws of reversible stacks over random lists of half-blocks that read the shared context in any of their stages. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jit, tree, vjp, type Tensor, type Value } from "../../src/index.ts";
import { fromFixed, sliceInDim, toFixed } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import {
  invert,
  parts,
  reversible,
  rows,
  stored,
  type BlockContext,
  type HalfBlock,
  type Streams,
} from "../../src/reformer/index.ts";
import { expectSameBits, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

interface Half {
  readonly kind: "rows" | "parts" | "segments";
  readonly count: number;
  readonly chunk: number;
  /** In which stages it reads what all layers read. */
  readonly reads: { readonly enter: boolean; readonly mix: boolean; readonly leave: boolean };
}

interface Case {
  readonly seed: number;
  readonly layers: readonly (readonly Half[])[];
  readonly batch: number;
  readonly length: number;
  readonly width: number;
}

const halves: fc.Arbitrary<Half> = fc.record({
  kind: fc.constantFrom("rows", "parts", "segments"),
  count: fc.integer({ min: 1, max: 3 }),
  chunk: fc.integer({ min: 1, max: 9 }),
  reads: fc.record({ enter: fc.boolean(), mix: fc.boolean(), leave: fc.boolean() }),
});

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  layers: fc.array(fc.array(halves, { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 5,
  }),
  batch: fc.integer({ min: 1, max: 2 }),
  length: fc.integer({ min: 1, max: 12 }),
  width: fc.integer({ min: 1, max: 4 }),
});

type Shared = { readonly gain: Value; readonly source: Value };
type Context = BlockContext<null, Shared>;
type Part = { readonly shared: Value; readonly own: Value };

/** Rows of x plus the row before each: of one's own sequence. */
const withPrevious = (x: Value, before: Value): Value =>
  np.add(x, np.concatenate([before, sliceInDim(x, 0, x.shape[0] - 1)]));

function blockOf({ kind, count, chunk, reads }: Half, length: number): HalfBlock {
  const gated = (x: Value, is: boolean, { shared }: Context): Value =>
    is ? np.multiply(x, np.cos(shared.gain)) : x;
  if (kind === "rows") {
    return rows("rows", chunk, (scale: Value, x, context: Context) =>
      np.tanh(gated(np.multiply(scale, x), reads.enter, context)),
    );
  }
  const perSegment = chunk;
  const isDivided = kind === "segments" && length % perSegment === 0;
  return parts(kind, count, {
    chunk,
    enter: ({ shared }: Part, x, context: Context) =>
      np.sin(gated(np.multiply(shared, x), reads.enter, context)),
    mix: ({ own }, x: Value, { shared: { source } }) => {
      const past = np.cumsum(np.multiply(own, x), 1);
      // The source has a length of its own.
      return {
        out: reads.mix ? np.add(past, np.mean(source, 1, { keepDims: true })) : past,
        saved: null,
      };
    },
    inSegments: () =>
      isDivided
        ? {
            rows: perSegment,
            reach: 1,
            seen: (entered) => entered,
            mix: (_, before, entered, _context, segment) => {
              const begins = np.equal(np.remainder(segment, length / perSegment), 0);
              return withPrevious(entered as Value, np.where(begins, 0, before as Value));
            },
          }
        : null,
    leave: ({ shared, own }, mixed, context) =>
      np.tanh(gated(np.multiply(np.add(shared, own), mixed), reads.leave, context)),
  });
}

function stackOf({ seed, layers, batch, length, width }: Case) {
  let next = seed;
  const draw = (...shape: number[]): Tensor => normalTensor(next++, shape);
  const named = (i: number): string => `half${i}`;
  const trees = (of: (half: Half) => unknown) =>
    layers.map((layer) => Object.fromEntries(layer.map((half, i) => [named(i), of(half)])));
  const shared: Shared = { gain: draw(width), source: draw(batch, 3, width) };
  return {
    layers: layers.map((layer) =>
      layer.map((half, i) => ({ name: named(i), block: blockOf(half, length) })),
    ),
    params: trees(({ kind, count }) =>
      kind === "rows" ? draw(width) : { shared: draw(width), parts: draw(count, width) },
    ),
    context: { shared, layers: trees(() => null) },
    bottom: { first: draw(batch, length, width), second: draw(batch, length, width) },
  };
}

const fixed = ({ first, second }: Streams): Streams => ({
  first: toFixed(first),
  second: toFixed(second),
});

describeBackends("a stack of any half-blocks", (backend) => {
  const numRuns = backend === "reference" ? 8 : 15;

  it("is undone bit for bit, whatever number of them a layer has", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { layers, params, context, bottom } = stackOf(drawn);
        const start = fixed(bottom);
        const { streams } = jit(reversible(layers))(params, start, context);
        // The first half-block changes the first stream, the second one the other.
        expect(np.arrayEqual(streams.first, start.first)).toBe(false);
        const count = layers.flat().length;
        expect(np.arrayEqual(streams.second, start.second)).toBe(count === 1);
        const back = jit(invert(layers))(params, streams, context);
        expectSameBits(back.first, start.first, "first stream");
        expectSameBits(back.second, start.second, "second stream");
      }),
      { numRuns },
    );
  });

  it("has the gradient of the stored one bit for bit, also in what all of it reads", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { layers, params, context, bottom } = stackOf(drawn);
        const cotangent = [bottom.second, bottom.first] as const;
        const [ours, theirs] = [reversible, stored].map((make) =>
          jit((p: typeof params, shared: Shared, x: Streams) => {
            const run = (q: typeof params, c: Shared, y: Streams): readonly [Value, Value] => {
              const { streams } = make(layers)(q, fixed(y), { ...context, shared: c });
              return [fromFixed(streams.first), fromFixed(streams.second)];
            };
            return vjp(run, p, shared, x)[1](cotangent);
          })(params, context.shared, bottom),
        );
        tree.leaves<Tensor>(ours).forEach((leaf, i) => {
          expectSameBits(leaf, tree.leaves<Tensor>(theirs)[i], tree.paths(ours)[i]);
        });
      }),
      { numRuns },
    );
  });
});
