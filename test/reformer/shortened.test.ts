/** Language models whose layers see several tokens as one: nothing of later tokens, nothing of padding, and each vector by its definition. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, init, jit, tree, type Tensor, type Value } from "../../src/index.ts";
import { dense, layerNorm, relu, sru } from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, randint } from "../../src/random/index.ts";
import { buildLayers, shortened, stackContext, stored } from "../../src/reformer/index.ts";
import { bodyOf } from "../../src/reformer/models/shortened/config.ts";
import { toStream, valuesOf } from "../../src/reformer/stack/stream.ts";
import { expectClose, expectSameBits } from "../support/arrays.ts";
import { scattered } from "./block-options.ts";
import { tinyModel } from "./tiny-model.ts";

await init();

const { positions: _, ...sizes } = tinyModel;
const vocabulary = 11;
const positions = fc.constantFrom<"none" | "learned">("none", "learned");
const choices = fc.record({
  factor: fc.integer({ min: 1, max: 5 }),
  width: fc.constantFrom(undefined, 6),
  layers: fc.constantFrom<readonly ("local" | "lsh" | "full")[]>(
    ["local"],
    ["lsh", "local"],
    ["full", "lsh"],
  ),
  kind: positions,
  conventions: fc.constantFrom("paper" as const, "lucidrains" as const),
  dropout: fc.constantFrom<number>(0, 0.2),
  length: fc.integer({ min: 1, max: 17 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

type Choice = typeof choices extends fc.Arbitrary<infer T> ? T : never;

function modelOf({ factor, width, layers, kind, conventions, dropout, seed }: Choice) {
  const config = shortened.config({
    ...sizes,
    conventions,
    layers,
    dropout,
    shorten: { factor, ...(width !== undefined && { width }) },
    positions: kind === "none" ? { kind } : { kind, length: 17 },
  });
  return { config, params: scattered(shortened.init(config, key(seed))) };
}

const upTo = (x: Value, places: number): Value => np.index(x, np.slice(), np.slice(0, places));

describe("a shortened language model", () => {
  test("has logits that no later token changes, whatever the factor", () => {
    fc.assert(
      fc.property(choices, fc.nat(16), (chosen, at) => {
        const { length, seed } = chosen;
        const place = at % length;
        // A bucket's chunks may move where later tokens come into it: heads that see all do not mind.
        const layers = chosen.layers.map((one) => (one === "lsh" ? "full" : one));
        const { config, params } = modelOf({ ...chosen, layers });
        const tokens = randint(key(seed + 1), [2, length], 0, vocabulary);
        const other = randint(key(seed + 2), [2, length], 0, vocabulary);
        const later = np.greater(np.arange(length), place);
        const changed = np.where(later, other, tokens);
        const pass = { mode: "evaluation" } as const;
        const [before, after] = [tokens, changed].map((given) =>
          upTo(shortened.logits(config, params, given, key(3), pass), place + 1),
        );
        expectSameBits(after, before, `up to token ${place} of ${length}`);
        const all = shortened.logits(config, params, tokens, key(3));
        const alone = shortened.logits(config, params, upTo(tokens, place + 1), key(3));
        expectClose(
          alone.dataSync(),
          upTo(all, place + 1).dataSync(),
          { absolute: 1e-4, relative: 1e-4 },
          "of the beginning alone",
        );
      }),
      { numRuns: 25 },
    );
  });

  test("is changed by every token before, the own one too", () => {
    const { config, params } = modelOf({
      factor: 3,
      width: 6,
      layers: ["full"],
      kind: "learned",
      conventions: "paper",
      dropout: 0,
      length: 8,
      seed: 5,
    });
    const tokens = randint(key(1), [1, 8], 0, vocabulary);
    const last = (given: Value): Value =>
      np.index(shortened.logits(config, params, given, key(3)), 0, 7);
    for (let place = 0; place < 8; place++) {
      const next = np.remainder(np.add(tokens, 1), vocabulary);
      const changed = np.where(np.equal(np.arange(8), place), next, tokens);
      expect(np.arrayEqual(last(changed), last(tokens)), `token ${place}`).toBe(false);
    }
  });

  test("is its definition: groups that end with their first reader, layers, and what is said of each token", () => {
    fc.assert(
      fc.property(choices, (given) => {
        const chosen = { ...given, dropout: 0 };
        const { config, params } = modelOf(chosen);
        const { length, factor, seed, kind } = chosen;
        const body = bodyOf(config);
        const e = config.shorten.width ?? config.width;
        const tokens = randint(key(seed + 1), [1, length], 0, vocabulary);
        const table = np.index(np.take(params.embedding.table, tokens, 0), 0);
        const placed =
          kind === "none"
            ? table
            : np.add(
                table,
                np.index((params.positions as { table: Value }).table, np.slice(0, length)),
              );
        const rowOf = (at: number): Value =>
          at >= 0 && at < length ? np.index(placed, at) : np.zeros([e]);
        const count = Math.ceil(length / factor);
        const groups = Array.from({ length: count }, (_, g) =>
          np.concatenate(
            Array.from({ length: factor }, (_unused, j) => rowOf(g * factor - (factor - 1) + j)),
          ),
        );
        const short = np.expandDims(dense(params.shorten, np.stack(groups)), 0);
        const stream = toStream(short, `q32.${config.fractionBits}`);
        const context = stackContext(body, key(3), { mode: "evaluation", length: count });
        const { streams } = stored(buildLayers(body, "evaluation"))(
          params.layers,
          { first: stream, second: stream },
          context,
        );
        const [a, b] = [valuesOf(streams.first), valuesOf(streams.second)];
        const merged =
          config.conventions === "paper"
            ? np.concatenate([a, b], 2)
            : np.multiply(np.add(a, b), 0.5);
        const epsilon = config.conventions === "paper" ? 1e-6 : 1e-5;
        const said = np.reshape(
          dense(params.prolong, layerNorm(params.norm, merged, { epsilon })),
          [count * factor, e],
        );
        const both = (at: number): Value =>
          at < 0 ? np.zeros([2 * e]) : np.concatenate([np.index(said, at), rowOf(at)]);
        const seen = Array.from({ length }, (_, t) =>
          relu(dense(params.convolution, np.concatenate([both(t - 2), both(t - 1), both(t)]))),
        );
        const expected = dense(params.output, sru(params.recurrent, np.stack(seen)));
        const ours = shortened.logits(config, params, tokens, key(3));
        const close = { absolute: 2e-4, relative: 2e-4 };
        expectClose(ours.dataSync(), expected.dataSync(), close, "logits");
        const size = tree.leaves<Value>(params).reduce((sum, leaf) => sum + leaf.size, 0);
        expect(shortened.parameterCount(config)).toBe(size);
      }),
      { numRuns: 20 },
    );
  });

  test("is not changed by what stands at padding, and has a loss of the targets that count", () => {
    const { config, params } = modelOf({
      factor: 3,
      width: undefined,
      layers: ["lsh", "local"],
      kind: "learned",
      conventions: "paper",
      dropout: 0,
      length: 10,
      seed: 5,
    });
    const valid = np.array([[0, 0, 1, 1, 1, 0, 1, 1, 0, 0]], "i32");
    const [a, b] = [1, 2].map((seed) => {
      const tokens = randint(key(seed), [1, 10], 0, vocabulary);
      return np.where(
        np.equal(valid, 1),
        np.array([[0, 0, 3, 1, 4, 0, 1, 5, 0, 0]], "i32"),
        tokens,
      );
    });
    const of = (tokens: Value): Value =>
      shortened.logits(config, params, tokens, key(3), { valid });
    expectSameBits(of(b), of(a), "logits");
    const targets = np.where(np.equal(valid, 1), a, -1);
    const { losses } = shortened.tokenLosses(config, params, a, targets, key(3), { valid });
    const { loss } = shortened.loss(config, params, a, targets, key(3), { valid });
    const words = [...losses.dataSync()];
    expect(loss.item()).toBeCloseTo(words.reduce((sum, x) => sum + x, 0) / 5, 5);
    expect(words.filter((x) => x === 0).length).toBe(5);
  });

  test("learns, in any chunks of the loss, with the same gradient", () => {
    const { config, params } = modelOf({
      factor: 2,
      width: 6,
      layers: ["lsh", "local"],
      kind: "learned",
      conventions: "paper",
      dropout: 0.2,
      length: 12,
      seed: 5,
    });
    const tokens = randint(key(1), [2, 12], 0, vocabulary);
    const gradientOf = (lossChunk: number | null): readonly Tensor[] =>
      tree.leaves<Tensor>(
        jit(
          grad(
            (p: typeof params): Value =>
              shortened.loss({ ...config, lossChunk }, p, tokens, tokens, key(3), {
                mode: "training",
              }).loss,
          ),
        )(params),
      );
    const [whole, chunked] = [gradientOf(null), gradientOf(5)];
    whole.forEach((leaf, i) => {
      expectClose(
        chunked[i].dataSync(),
        leaf.dataSync(),
        { absolute: 1e-5, relative: 1e-4 },
        `leaf ${i}`,
      );
      expect(leaf.dataSync().some((x) => x !== 0)).toBe(true);
    });
  });
});
