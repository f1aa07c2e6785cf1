import { createWasmBackend } from "../../src/backends/wasm/index.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import type { Value } from "../../src/core/value.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { full } from "../../src/numpy/index.ts";
import { listsOf, type HeadCache } from "../../src/reformer/decode/cache.ts";
import type { DecodeCache } from "../../src/reformer/index.ts";
import {
  parseTrainConfigOrThrow,
  presets,
  reformerModel,
  runKeys,
} from "../../src/training/index.ts";
import { jit } from "../../src/transforms/index.ts";
import { tensorFrom } from "../../src/core/tensor.ts";

export interface DecodeParameters {
  readonly preset: keyof typeof presets;
  /** Tokens before those that are timed. */
  readonly position: number;
  /** Room; as much as there are positions when absent. */
  readonly capacity?: number;
  readonly tokens: number;
  /** Whether the tokens before are read, or stand there as random numbers, as they would after long reading. */
  readonly prompt: "read" | "random";
}

export interface DecodeTime {
  /** Processor time of a token. */
  readonly milliseconds: number;
  /** Of the prompt, processor time; 0 where it was not read. */
  readonly promptSeconds: number;
  readonly cacheBytes: number;
}

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Whole numbers below `below`, the same every time. */
function drawn(count: number, below: number): Int32Array {
  let state = 12345;
  return Int32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  });
}

/** Processor time of a token that is decoded with a cache, on one thread. */
export async function measureDecode(parameters: DecodeParameters): Promise<DecodeTime> {
  const { preset, position, tokens, prompt } = parameters;
  setBackend(await createWasmBackend({ threads: 1 }));
  const config = parseTrainConfigOrThrow(presets[preset]);
  const model = reformerModel(config);
  const { reader } = model;
  if (!reader) throw new Error(`${preset} is not read token by token`);
  const keys = runKeys(0);
  const state = model.init(keys.initial);
  const capacity = parameters.capacity ?? reader.longest;
  const length = prompt === "read" ? position : 1;
  const ids = drawn(length + tokens + 4, model.vocabulary);
  const before = tensorFrom("i32", [1, length], ids.slice(0, length));
  const start = processorSeconds();
  let { cache } = reader.begin(state, before, keys.evaluation, { capacity });
  const promptSeconds = prompt === "read" ? processorSeconds() - start : 0;
  if (prompt === "random") cache = filled(cache as DecodeCache, position);
  const cacheBytes = bytesOf(cache as DecodeCache);
  let at = length;
  const next = (): void => {
    const step = reader.next(state, cache, tensorFrom("i32", [1], ids.slice(at, ++at)));
    ({ cache } = step);
    if (!Number.isFinite(step.logits.words()[0])) throw new Error("the logits are not finite");
  };
  // Compiled, and what recurs has shown.
  for (let i = 0; i < 4; i++) next();
  const begin = processorSeconds();
  for (let i = 0; i < tokens; i++) next();
  return {
    milliseconds: (1000 * (processorSeconds() - begin)) / tokens,
    promptSeconds,
    cacheBytes,
  };
}

/** A cache as if `position` tokens had been read: random keys, values and buckets. */
function filled(cache: DecodeCache, position: number): DecodeCache {
  const layers = cache.layers.map((layer): HeadCache => {
    const [keys, values] = [like(layer.keys), like(layer.values)];
    if (!layer.lists) return { ...layer, keys, values };
    const { links, ends } = layer.lists;
    const [heads, batch, rounds, capacity] = links.shape;
    const buckets = ends.shape[4];
    const list = jit((given: Value) =>
      listsOf(given, null, { numBuckets: buckets, capacity, streaming: false }),
    );
    const places = drawn(heads * batch * rounds * position, buckets);
    const lists = list(tensorFrom("i32", [heads, batch, rounds, position], places));
    return { ...layer, keys, values, lists };
  });
  return { ...cache, position: full([1], position, "i32"), layers };
}

const like = ({ shape }: Value): Tensor => {
  const size = shape.reduce((product, axis) => product * axis, 1);
  const words = new Float32Array(size);
  const some = Float32Array.from(drawn(65521, 2 ** 20), (x) => x / 2 ** 19 - 1);
  for (let i = 0; i < size; i++) words[i] = some[i % some.length];
  return tensorFrom("f32", shape, words);
};

const bytesOf = ({ layers }: DecodeCache): number =>
  layers.reduce((sum, { keys, values, lists }) => {
    const arrays = [keys, values, ...(lists ? [lists.links, lists.ends] : [])];
    return (
      sum + arrays.reduce((bytes, { shape }) => bytes + 4 * shape.reduce((a, b) => a * b, 1), 0)
    );
  }, 0);
