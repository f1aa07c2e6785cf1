/* Writing with a cache: the reader's own words, whatever the text's length; and what is forgotten when the room is used up. */
import * as fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { init } from "../../src/index.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { argmax, array } from "../../src/numpy/index.ts";
import { decoding, type ReformerParams } from "../../src/reformer/index.ts";
import {
  beamSearch,
  generate,
  generateAll,
  reformerModel,
  runKeys,
  trainConfig,
  type GenerateOptions,
} from "../../src/training/index.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

const small = {
  width: 16,
  heads: 1,
  headWidth: 8,
  feedForwardWidth: 16,
  layers: ["local", "full"],
  positions: { kind: "learned", length: 48 },
  local: { chunk: 8 },
  lsh: { chunk: 8 },
} as const;
const training = { batch: 1, length: 32 };
const config = trainConfig({ model: small, training });
const model = reformerModel(config);
const keys = runKeys(0);
const prompt = new TextEncoder().encode("to be or not");

async function write(count: number, more: object): Promise<number[]> {
  const bytes: number[] = [];
  const uniform = (n: number): number => keys.words(n, 1)[0] / 2 ** 32;
  const options = { context: 32, key: keys.evaluation, temperature: 1, uniform, ...more };
  for await (const byte of generate(model, model.init(keys.initial), prompt, count, options)) {
    bytes.push(byte);
  }
  return bytes;
}

test("local and full layers write the same with a cache and without", async () => {
  // From 33 bytes on, what is seen differs: the last 32 bytes, or what was read since the last reading anew.
  const expected = await write(20, { decode: "recompute" });
  expect(await write(20, { decode: "cache" })).toEqual(expected);
  expect(await write(20, {})).toEqual(expected);
});

test("when there is no room any more, the last half is read anew", async () => {
  const { reader } = model;
  if (!reader) throw new TypeError("the model has no reader");
  const begin = vi.spyOn(reader, "begin");
  const next = vi.spyOn(reader, "next");
  expect(await write(60, {})).toHaveLength(60);
  expect(begin.mock.calls.map(([, tokens]) => tokens.shape[1])).toEqual([12, 16, 16, 16]);
  expect(begin.mock.calls.length + next.mock.calls.length).toBe(60);
  vi.restoreAllMocks();
});

/** Sorted attention too, whose windows depend on all that was read. */
const hashing = reformerModel({
  ...config,
  model: { ...config.model, layers: ["local", "lsh"] },
});

/** Of the kind that transformers has. */
const foreign = trainConfig({
  model: {
    ...small,
    conventions: "huggingface",
    layers: ["local", "lsh"],
    lsh: { chunk: 8, centred: false },
  },
  training,
});
const transformers = reformerModel(foreign);

/** Whose positions have no end. */
const endless = reformerModel({
  ...config,
  model: { ...config.model, layers: ["local", "lsh"], positions: { kind: "sinusoid" } },
});

test("texts that are written together are what each is alone", async () => {
  const texts = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 4 });
  const ways = [
    { decode: "cache", by: hashing },
    { decode: "streaming", by: endless },
    { decode: "huggingface", by: transformers },
  ] as const;
  const run = fc.record({
    way: fc.constantFrom(...ways),
    prompts: texts,
    count: fc.integer({ min: 0, max: 40 }),
    stops: fc.array(fc.uint8Array({ minLength: 1, maxLength: 1 }), { maxLength: 8 }),
    endTokens: fc.uniqueArray(fc.nat(255), { maxLength: 8 }),
    repetitionPenalty: fc.constantFrom(1, 1.5),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ way: { decode, by }, prompts, count, ...rest }) => {
      const trained = by.init(keys.initial);
      const options: GenerateOptions = {
        ...rest,
        decode,
        context: 32,
        key: keys.evaluation,
        temperature: 1,
        uniform: (n, text) => keys.words(n + 100 * text, 1)[0] / 2 ** 32,
      };
      const together = prompts.map((): number[] => []);
      for await (const got of generateAll(by, trained, prompts, count, options)) {
        got.forEach((bytes, i) => together[i].push(...bytes));
      }
      for (const [i, text] of prompts.entries()) {
        const uniform = (n: number): number => options.uniform(n, i);
        const alone: number[] = [];
        for await (const byte of generate(by, trained, text, count, { ...options, uniform })) {
          alone.push(byte);
        }
        expect(together[i]).toEqual(alone);
      }
    }),
    { numRuns: 8 },
  );
});

test("as HuggingFace decodes, the likeliest bytes are those of decoding.huggingFace", async () => {
  const state = transformers.init(keys.initial);
  const begin = { capacity: 32 };
  const params = (state as { params: ReformerParams }).params;
  const tokens = array([[...prompt]], "i32");
  let read = decoding.huggingFace.begin(foreign.model, params, tokens, keys.evaluation, begin);
  const expected: number[] = [];
  for (let i = 0; i < 12; i++) {
    const token = argmax(read.logits, 1);
    expected.push((token as Tensor).words()[0]);
    read = decoding.huggingFace.next(foreign.model, params, read.cache, token);
  }
  const options = { context: 32, key: keys.evaluation, decode: "huggingface" } as const;
  const bytes: number[] = [];
  const greedy = { ...options, temperature: 0, uniform: () => 0 };
  for await (const byte of generate(transformers, state, prompt, 12, greedy)) bytes.push(byte);
  expect(bytes).toEqual(expected);
  const [best] = await beamSearch(transformers, state, prompt, 12, { ...options, beams: 1 });
  expect(best.text).toEqual(expected);
  const several = await beamSearch(transformers, state, prompt, 12, { ...options, beams: 3 });
  expect(several[0].score).toBeGreaterThanOrEqual(best.score);
  const own = reformerModel(
    trainConfig({ model: { ...small, attention: { memory: 2 } }, training }),
  );
  const other = generate(own, own.init(keys.initial), prompt, 1, greedy);
  await expect(other.next()).rejects.toThrow(/no such part.*attention.memory.*--decode cache/s);
});

test("a text ends at a stop, which nobody sees; the others go on", async () => {
  const free = await write(20, {});
  const stops = [free.slice(7, 10)];
  expect(await write(20, { stops })).toEqual(free.slice(0, 7));
  expect(await write(20, { endTokens: [free[5]] })).toEqual(free.slice(0, free.indexOf(free[5])));
  await expect(write(1, { stops: [[]] })).rejects.toThrow(/stop sequence is empty/);
  await expect(write(1, { temperature: -1 })).rejects.toThrow(/impossible options/);
  await expect(write(1.5, {})).rejects.toThrow(/count/);
  const none = generateAll(model, model.init(keys.initial), [], 1, {
    context: 32,
    key: keys.evaluation,
    temperature: 0,
    uniform: () => 0,
  });
  await expect(none.next()).rejects.toThrow(/nothing to go on with/);
});

test("recurrent units write from their states what they write from the whole text", async () => {
  const units = { feedForward: { recurrent: { layers: 2 } }, layers: ["local", "full"] } as const;
  const recurrent = reformerModel(trainConfig({ model: { ...small, ...units }, training }));
  const state = recurrent.init(keys.initial);
  const write = async (decode: "cache" | "recompute" | "huggingface"): Promise<number[]> => {
    const options = { context: 32, key: keys.evaluation, temperature: 0, uniform: () => 0, decode };
    const bytes: number[] = [];
    for await (const byte of generate(recurrent, state, prompt, 6, options)) bytes.push(byte);
    return bytes;
  };
  expect(await write("cache")).toEqual(await write("recompute"));
  await expect(write("huggingface")).rejects.toThrow(/no such part.*feedForward.recurrent/);
});

test("a model without a reader recomputes, or says that it has none", async () => {
  const { reader: _, ...plain } = model;
  const ask = async (decode?: "cache"): Promise<number> => {
    const options = { context: 32, key: keys.evaluation, temperature: 0, uniform: () => 0, decode };
    for await (const byte of generate(plain, model.init(keys.initial), prompt, 1, options)) {
      return byte;
    }
    return -1;
  };
  expect(await ask()).toBeGreaterThanOrEqual(0);
  await expect(ask("cache")).rejects.toThrow(/cannot be read token by token.*"recompute"/);
});

test("streaming reads nothing anew, and every byte once; positions of a table must not end before", async () => {
  const { reader } = endless;
  if (!reader) throw new TypeError("the model has no reader");
  const begin = vi.spyOn(reader, "begin");
  const next = vi.spyOn(reader, "next");
  const options = { context: 16, key: keys.evaluation, temperature: 0, uniform: () => 0 };
  const read = async (by: typeof endless, count: number): Promise<number> => {
    const state = by.init(keys.initial);
    let written = 0;
    const streaming = { ...options, decode: "streaming" } as const;
    for await (const _ of generate(by, state, prompt, count, streaming)) written++;
    return written;
  };
  expect(await read(endless, 60)).toBe(60);
  expect([begin.mock.calls.length, next.mock.calls.length]).toEqual([1, 59]);
  vi.restoreAllMocks();
  // There are 48 positions; the last byte is not read.
  expect(await read(hashing, 48 + 1 - prompt.length)).toBe(37);
  await expect(read(hashing, 48 + 2 - prompt.length)).rejects.toThrow(
    /positions of this model end.*at most 37 tokens after a prompt of 12.*got 38.*"sinusoid"/s,
  );
});
