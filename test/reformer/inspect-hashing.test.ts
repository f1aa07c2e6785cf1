import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { init, jit, type Tensor, type Value } from "../../src/index.ts";
import * as ops from "../../src/ir/ops.ts";
import { normalize } from "../../src/reformer/blocks/norm.ts";
import { key } from "../../src/random/index.ts";
import type {
  AttentionContext,
  AttentionParams,
} from "../../src/reformer/blocks/attention-params.ts";
import { project } from "../../src/reformer/blocks/projections.ts";
import { bucketCount, bucketSizes } from "../../src/reformer/attention/buckets.ts";
import { deviations } from "../../src/reformer/attention/centring.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { summarizeHashing } from "../../src/reformer/attention/hash-statistics.ts";
import {
  initParams,
  inspectHashing,
  invert,
  runStack,
  type LayerHashing,
  type PassOptions,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import { contextOf } from "../../src/reformer/models/run-stack.ts";
import { buildLayers, conventionsOf, headOptions } from "../../src/reformer/models/layers.ts";
import { hash } from "../../src/reformer/attention/lsh.ts";
import { valuesOf } from "../../src/reformer/stack/stream.ts";
import { inverseOf, sortTokens } from "../oracles/lsh-hash.ts";
import { i32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { integers } from "../support/random-data.ts";
import { tinyModel } from "./tiny-model.ts";

interface Case {
  readonly seed: number;
  readonly config: ReformerConfig;
  readonly batch: number;
  readonly length: number;
  readonly mode: "training" | "evaluation";
  readonly padded: boolean;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    batch: fc.integer({ min: 1, max: 2 }),
    // Longer than a chunk, and mostly no multiple of it.
    length: fc.integer({ min: 5, max: 22 }),
    mode: fc.constantFrom("training" as const, "evaluation" as const),
    padded: fc.boolean(),
    conventions: fc.constantFrom("paper" as const, "trax" as const, "lucidrains" as const),
    layers: fc.constantFrom<ReformerConfig["layers"]>(
      ["lsh"],
      ["local", "lsh"],
      ["lsh", "full", "lsh"],
    ),
    before: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 1 }),
    buckets: fc.constantFrom("auto" as const, [4], [2, 4]),
    centred: fc.boolean(),
  })
  .map(({ conventions, layers, before, after, buckets, centred, ...rest }) => ({
    ...rest,
    config: {
      ...tinyModel,
      conventions,
      layers,
      lsh: { ...tinyModel.lsh, before, after, buckets, centred },
      dropout: 0.2,
      attentionDropout: 0.1,
    },
  }));

interface Pass {
  readonly params: ReformerParams;
  readonly tokens: Tensor;
  readonly valid: Tensor | null;
  readonly options: PassOptions;
}

function passOf({ seed, config, batch, length, mode, padded }: Case): Pass {
  const shape = [batch, length];
  const mask = Int32Array.from(integers(seed + 1, batch * length, 4), (x) => Math.min(1, x));
  const valid = padded ? i32(shape, mask) : null;
  return {
    params: initParams(config, key(seed)),
    tokens: i32(shape, integers(seed, batch * length, config.vocabulary)),
    valid,
    options: { mode, valid },
  };
}

/** The buckets i32[batch, heads, rounds, length] of a layer, from the stream that its attention reads. */
function bucketsOf(
  config: ReformerConfig,
  params: AttentionParams,
  { rotations }: AttentionContext,
  stream: Value,
  { mode = "evaluation", valid }: PassOptions,
): Value {
  const [batch, length] = stream.shape;
  const { normEpsilon } = conventionsOf(config);
  const sizes = bucketSizes(headOptions(config, "lsh", mode), length);
  const normed = normalize("layer", params.shared.norm, valuesOf(stream), normEpsilon);
  const real = valid ?? ops.full([batch, length], 1, "i32");
  const heads = Array.from({ length: config.heads }, (_, head) => {
    const of = (x: Value): Value => {
      const [, ...rest] = x.shape;
      const one = ops.slice(x, [head, ...rest.map(() => 0)], [head + 1, ...rest]);
      return ops.reshape(one, rest);
    };
    const q = project(normed, of(params.parts.query));
    const hashed = hash(
      config.lsh.centred ? deviations(q, real) : q,
      of(rotations as Value),
      sizes,
    );
    const padding = ops.fullLike(hashed, bucketCount(sizes));
    const isReal = ops.ne(ops.broadcastInDim(real, hashed.shape, [0, 2]), ops.zerosLike(hashed));
    const buckets = ops.select(isReal, hashed, padding);
    return ops.reshape(buckets, [batch, 1, ...buckets.shape.slice(1)]);
  });
  return ops.concatenate(heads, 1);
}

const words = (x: Value): readonly number[] => Array.from(x.dataSync());

/** Rows along the last axis. */
function rowsOf(x: Value): number[][] {
  const width = x.shape[x.shape.length - 1];
  const all = words(x);
  return Array.from({ length: all.length / width }, (_, i) =>
    all.slice(i * width, (i + 1) * width),
  );
}

/** What chunk number `at`, counted over the rounds, sees of the tokens at their slots. */
function windowOf(
  config: ReformerConfig,
  order: readonly (readonly number[])[],
  at: number,
): readonly number[] {
  const { chunk, before, after } = config.lsh;
  const chunks = order[0].length / chunk;
  const all = order.length * chunks;
  const first = at - (at % chunks);
  const slots = order.flat();
  const seen: number[] = [];
  for (let target = at - before; target <= at + after; target++) {
    const around = conventionsOf(config).circular;
    const exists = around || (target >= first && target < first + chunks);
    const place = ((target % all) + all) % all;
    for (let s = 0; s < chunk; s++) seen.push(exists ? slots[place * chunk + s] : -1);
  }
  return seen;
}

const hashed = (layers: readonly (LayerHashing | null)[]): readonly LayerHashing[] =>
  layers.filter((layer) => layer !== null);

describeBackends("inspectHashing", (backend) => {
  const numRuns = backend === "reference" ? 15 : 40;

  it("shows the buckets that hashing the rebuilt streams gives again, bit for bit", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { config, mode } = drawn;
        const { params, tokens, options } = passOf(drawn);
        const [forward, rebuild] = [key(3), key(3)];
        const inspected = inspectHashing(config, params, tokens, forward, options);
        const top = runStack(config, params, tokens, rebuild, options).streams;
        const context = contextOf(config, tokens, rebuild, options, "test");
        const layers = buildLayers(config, mode);
        config.layers.forEach((kind, i) => {
          expect(inspected[i] === null).toBe(kind !== "lsh");
          const found = inspected[i];
          if (!found) return;
          const above = { ...context, layers: context.layers.slice(i) };
          const { second } = invert(layers.slice(i))(params.layers.slice(i), top, above);
          const again = bucketsOf(config, params.layers[i].f, context.layers[i].f, second, options);
          expect(found.buckets.shape).toEqual(again.shape);
          expect(words(found.buckets)).toEqual(words(again));
        });
      }),
      { numRuns },
    );
  });

  it("agrees with what the pass itself counts", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { config } = drawn;
        const { params, tokens, valid, options } = passOf(drawn);
        const { health } = runStack(config, params, tokens, key(3), options);
        const layers = hashed(inspectHashing(config, params, tokens, key(3), options));
        const counts = layers.flatMap(({ buckets }) => {
          const perRow = rowsOf(buckets).length / drawn.batch;
          return rowsOf(buckets).map((row, at) => {
            const real = valid && rowsOf(valid)[Math.floor(at / perRow)];
            const kept = row.filter((_, i) => !real || real[i] === 1);
            return Math.max(0, ...kept.map((b) => kept.filter((other) => other === b).length));
          });
        });
        expect(summarizeHashing(health.hashing).largestBucket.item()).toBe(Math.max(...counts));
      }),
      { numRuns },
    );
  });

  it("sorts stably by bucket, cuts into chunks, and shows each chunk's window", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { config, length } = drawn;
        const { params, tokens, valid, options } = passOf(drawn);
        const { chunk } = config.lsh;
        for (const layer of hashed(inspectHashing(config, params, tokens, key(3), options))) {
          const [, heads, rounds, chunks] = layer.seen.shape;
          const [slots, ofChunk, order, seen] = [
            layer.slots,
            layer.chunks,
            layer.order,
            layer.seen,
          ].map(rowsOf);
          rowsOf(layer.buckets).forEach((buckets, at) => {
            const mask = valid && rowsOf(valid)[Math.floor(at / (heads * rounds))];
            const isReal = (token: number): boolean => token < length && mask?.[token] !== 0;
            // All padding is in one bucket, behind the others.
            const padded = Array.from({ length: chunks * chunk }, (_, token) =>
              isReal(token) ? buckets[token] : Infinity,
            );
            const sorted = sortTokens(padded);
            expect(slots[at]).toEqual(inverseOf(sorted).slice(0, length));
            expect(ofChunk[at]).toEqual(slots[at].map((slot) => Math.floor(slot / chunk)));
            expect(order[at]).toEqual(sorted.map((token) => (isReal(token) ? token : -1)));
          });
          seen.forEach((window, at) => {
            const first = Math.floor(at / (rounds * chunks)) * rounds;
            const ofGroup = order.slice(first, first + rounds);
            expect(window).toEqual(windowOf(config, ofGroup, at % (rounds * chunks)));
          });
        }
      }),
      { numRuns },
    );
  });
});

describe("inspectHashing", () => {
  it("gives the same under jit", async () => {
    await init("wasm");
    const tokens = i32([2, 11], integers(5, 22, tinyModel.vocabulary));
    const params = initParams(tinyModel, key(1));
    const inspect = (p: ReformerParams, t: Value, k: Value): readonly (LayerHashing | null)[] =>
      inspectHashing(tinyModel, p, t, k);
    const [eager, compiled] = [inspect, jit(inspect)].map((f) => hashed(f(params, tokens, key(2))));
    expect(eager).toHaveLength(1);
    expect(compiled.map(({ seen, buckets }) => [words(seen), words(buckets)])).toEqual(
      eager.map(({ seen, buckets }) => [words(seen), words(buckets)]),
    );
  });

  it("has nothing to show where one chunk holds all tokens", async () => {
    await init("wasm");
    const tokens = i32([1, 4], [1, 2, 3, 4]);
    const layers = inspectHashing(tinyModel, initParams(tinyModel, key(1)), tokens, key(2));
    expect(layers).toEqual([null, null, null]);
  });
});
