/* Beam search against all texts of a tiny vocabulary, and against transformers. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/index.ts";
import { searchBeams } from "../../src/generation/beam-search.ts";
import type { RowReader } from "../../src/generation/row-reader.ts";
import {
  beamSearch,
  generate,
  reformerModel,
  runKeys,
  trainConfig,
} from "../../src/training/index.ts";

/** A model of so many tokens whose logits depend on the whole text, and one that counts its calls' rows. */
const modelOf =
  (vocabulary: number, seed: number): RowReader =>
  (texts) =>
    Promise.resolve(texts.map((text) => logitsOf(text, vocabulary, seed)));

const logitsOf = (text: readonly number[], vocabulary: number, seed: number): Float64Array =>
  Float64Array.from({ length: vocabulary }, (_, token) => {
    const hash = [...text, token].reduce((h, x) => (Math.imul(h, 31) + x * 7 + 11) | 0, seed + 1);
    return 4 * Math.sin(hash);
  });

const logSoftmax = (logits: Float64Array): number[] => {
  const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return [...logits].map((x) => x - total);
};

interface Text {
  readonly tokens: readonly number[];
  readonly sum: number;
}

/** Every text that ends, or has no place for more. */
function allTexts(
  vocabulary: number,
  seed: number,
  longest: number,
  isEnd: (tokens: readonly number[]) => boolean,
  from: Text = { tokens: [], sum: 0 },
): readonly Text[] {
  if (from.tokens.length === longest || isEnd(from.tokens)) return [from];
  return logSoftmax(logitsOf([0, ...from.tokens], vocabulary, seed)).flatMap((log, token) =>
    allTexts(vocabulary, seed, longest, isEnd, {
      tokens: [...from.tokens, token],
      sum: from.sum + log,
    }),
  );
}

const cases = fc.record({
  vocabulary: fc.integer({ min: 1, max: 4 }),
  longest: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(1000),
  lengthPenalty: fc.constantFrom(0, 0.6, 1, 2, -1),
  stop: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
  end: fc.boolean(),
});

const scoreOf = ({ tokens, sum }: Text, penalty: number): number => sum / tokens.length ** penalty;

describe("beam search", () => {
  test("finds the best of all texts, in order, with as many beams as there are texts", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ vocabulary, longest, seed, lengthPenalty, stop, end }) => {
        const isEnd = (tokens: readonly number[]): boolean =>
          end ? tokens.at(-1) === stop[0] : tokens.join().endsWith(stop.join());
        const every = allTexts(vocabulary, seed, longest, isEnd)
          .map((text) => ({ ...text, score: scoreOf(text, lengthPenalty) }))
          .sort((a, b) => b.score - a.score);
        const options = {
          beams: vocabulary ** longest + 3,
          lengthPenalty,
          earlyStopping: false,
          ...(end ? { endTokens: [stop[0]] } : { stops: [stop] }),
        };
        const [found] = await searchBeams(modelOf(vocabulary, seed), [[0]], longest, options);
        expect(found).toHaveLength(every.length);
        found.forEach(({ score, logProbability, tokens, text, hasEnded }, i) => {
          expect(score).toBeCloseTo(every[i].score, 9);
          expect(logProbability / tokens.length ** lengthPenalty).toBeCloseTo(score, 9);
          expect(hasEnded).toBe(isEnd(tokens));
          const ending = end ? 1 : stop.length;
          expect(text).toEqual(hasEnded ? tokens.slice(0, tokens.length - ending) : tokens);
        });
      }),
    );
  });

  test("with fewer beams finds texts with the scores that they have, no better than the best, each prompt for itself", async () => {
    await fc.assert(
      fc.asyncProperty(
        cases,
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async ({ vocabulary, longest, seed, lengthPenalty, stop }, beams, earlyStopping) => {
          const isEnd = (tokens: readonly number[]): boolean => tokens.at(-1) === stop[0];
          const every = allTexts(vocabulary, seed, longest, isEnd);
          const options = { beams, lengthPenalty, earlyStopping, endTokens: [stop[0]] };
          const read = modelOf(vocabulary, seed);
          const prompts = [[0], [1, 2], [3]];
          const all = await searchBeams(read, prompts, longest, options);
          for (const [i, prompt] of prompts.entries()) {
            expect(await searchBeams(read, [prompt], longest, options)).toEqual([all[i]]);
          }
          const [found] = all;
          expect(found.length).toBe(Math.min(beams, found.length));
          expect(found.length).toBeGreaterThan(0);
          for (const beam of found) {
            const same = every.find(({ tokens }) => tokens.join() === beam.tokens.join());
            expect(beam.score).toBeCloseTo(same ? scoreOf(same, lengthPenalty) : NaN, 9);
          }
          const scores = found.map(({ score }) => score);
          expect(scores).toEqual([...scores].sort((a, b) => b - a));
        },
      ),
    );
  });

  interface Golden {
    /** Logits by the number of tokens so far, less one, and the last token. */
    readonly table: readonly (readonly (readonly number[])[])[];
    readonly end: number;
    readonly longest: number;
    readonly beams: number;
    readonly lengthPenalty: number;
    readonly earlyStopping: boolean;
    readonly found: readonly { readonly tokens: readonly number[]; readonly score: number }[];
  }

  test("finds what transformers finds, with its scores", async () => {
    const path = new URL("../golden/generation/beams.json", import.meta.url);
    const goldens = JSON.parse(readFileSync(path, "utf8")) as readonly Golden[];
    expect(goldens.length).toBeGreaterThan(20);
    for (const { table, end, longest, found, ...options } of goldens) {
      const read: RowReader = (texts) =>
        Promise.resolve(texts.map((text) => table[text.length - 1][text.at(-1) ?? 0]));
      const [own] = await searchBeams(read, [[0]], longest, { ...options, endTokens: [end] });
      expect(own.map(({ tokens }) => tokens)).toEqual(found.map(({ tokens }) => tokens));
      own.forEach(({ score }, i) => {
        expect(score).toBeCloseTo(found[i].score, 5);
      });
    }
  });
});

describe("with a model", () => {
  beforeAll(async () => {
    await init("wasm", { threads: 1 });
  });

  const config = trainConfig({
    model: {
      width: 16,
      heads: 1,
      headWidth: 8,
      feedForwardWidth: 16,
      layers: ["local", "lsh"],
      positions: { kind: "learned", length: 48 },
      local: { chunk: 8 },
      lsh: { chunk: 8 },
    },
    training: { batch: 1, length: 32 },
  });
  const model = reformerModel(config);
  const keys = runKeys(0);
  const prompt = new TextEncoder().encode("to be or not");
  const options = { context: 32, key: keys.evaluation };

  test("one beam is greedy decoding, also where the room is used up", async () => {
    const state = model.init(keys.initial);
    const greedy: number[] = [];
    const sampling = { ...options, temperature: 0, uniform: () => 0 };
    for await (const byte of generate(model, state, prompt, 40, sampling)) greedy.push(byte);
    const [found] = await beamSearch(model, state, prompt, 40, { ...options, beams: 1 });
    expect(found.text).toEqual(greedy);
    expect(found.hasEnded).toBe(false);
  });

  test("a cache that goes on in beams is a whole reading for each", async () => {
    const state = model.init(keys.initial);
    const plain = reformerModel({
      ...config,
      model: { ...config.model, layers: ["local", "full"] },
    });
    const search = (decode: "cache" | "recompute") =>
      beamSearch(plain, state, prompt, 8, { ...options, beams: 4, decode, endTokens: [3] });
    expect(await search("cache")).toEqual(await search("recompute"));
  });

  test("other options are refused", async () => {
    const state = model.init(keys.initial);
    const ask = (more: object) =>
      beamSearch(model, state, prompt, 3, { ...options, beams: 2, ...more });
    await expect(ask({ beams: 0 })).rejects.toThrow(/beams/);
    await expect(ask({ lengthPenalty: NaN })).rejects.toThrow(/lengthPenalty/);
    await expect(ask({ stops: [[]] })).rejects.toThrow(/stop sequence is empty/);
    expect(await beamSearch(model, state, prompt, 0, { ...options, beams: 2 })).toHaveLength(1);
  });
});
