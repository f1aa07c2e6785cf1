import { scalarTensor, tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import type { TrainConfig } from "../../src/training/config/train-config.ts";
import type { TrainableModel } from "../../src/training/next-token/model.ts";
import type { RunKeys } from "../../src/training/run-keys.ts";

/** A small mixing function: stands for the library's random keys where only their plumbing is tested. */
function mix(...words: number[]): number {
  let hash = 0x9e3779b9;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

const keyOf = (...words: number[]): Tensor =>
  tensorFrom("u32", [2], Uint32Array.of(mix(...words, 1), mix(...words, 2)));

export const toyKeys = (seed: number): RunKeys => ({
  base: keyOf(seed, 0),
  initial: keyOf(seed, 1),
  evaluation: keyOf(seed, 2),
  step: (step) => keyOf(seed, 3, step),
  words: (step, count) => Uint32Array.from({ length: count }, (_, i) => mix(seed, 4, step, i)),
});

export interface ToyState {
  readonly params: { readonly table: Tensor };
  readonly optimizer: { readonly count: Tensor; readonly momentum: Tensor };
}

const size = 256;

/** Log probabilities of the byte after `byte`. */
function logProbabilities(table: ArrayLike<number>, byte: number): Float64Array {
  const logits = Float64Array.from({ length: size }, (_, i) => table[byte * size + i]);
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const total = logits.reduce((sum, x) => sum + Math.exp(x - largest), 0);
  return logits.map((x) => x - largest - Math.log(total));
}

/**
 * A table of logits of the next byte given the last one, learned by gradient descent with momentum and a little noise
 * from the step's key: enough state and randomness for every mistake in resuming to show.
 */
export function toyModel(
  config: TrainConfig,
  beforeStep: () => void = () => undefined,
): TrainableModel<ToyState> {
  const { rate, horizon } = config.training.schedule;
  const rows = (batch: Tensor) => ({
    words: batch.words(),
    count: batch.shape[0],
    width: batch.shape[1],
  });
  return {
    vocabulary: size,
    layers: ["bigram"],
    parameterCount: () => size * size,
    init: (key) => {
      const [a] = key.words();
      const table = Float32Array.from({ length: size * size }, (_, i) => mix(a, i) / 2 ** 40);
      return {
        params: { table: tensorFrom("f32", [size, size], table) },
        optimizer: {
          count: scalarTensor(0, "i32"),
          momentum: tensorFrom("f32", [size, size], new Float32Array(size * size)),
        },
      };
    },
    step: ({ params, optimizer }, batch, key) => {
      beforeStep();
      const { words, count, width } = rows(batch);
      const table = params.table.dataSync() as Float32Array;
      const momentum = optimizer.momentum.dataSync() as Float32Array;
      const gradient = new Float64Array(size * size);
      let loss = 0;
      for (let row = 0; row < count; row++) {
        for (let i = 0; i + 1 < width; i++) {
          const from = words[row * width + i];
          const to = words[row * width + i + 1];
          const logs = logProbabilities(table, from);
          loss -= logs[to];
          logs.forEach((x, j) => (gradient[from * size + j] += Math.exp(x) - (j === to ? 1 : 0)));
        }
      }
      const targets = count * (width - 1);
      const [word] = key.words();
      const step = optimizer.count.item();
      const scaled = rate * (1 - Math.min(1, step / horizon) / 2);
      gradient.forEach((g, i) => {
        momentum[i] = 0.5 * momentum[i] + g / targets + mix(word, i) / 2 ** 50;
        table[i] -= scaled * momentum[i];
      });
      const bad = table.some(Number.isNaN);
      return {
        state: {
          params: { table: tensorFrom("f32", [size, size], table) },
          optimizer: {
            count: scalarTensor(step + 1, "i32"),
            momentum: tensorFrom("f32", [size, size], momentum),
          },
        },
        metrics: {
          loss: scalarTensor(loss / targets, "f32"),
          learningRate: scalarTensor(scaled, "f32"),
          health: { largest: scalarTensor(1, "f32"), badLayer: scalarTensor(bad ? 0 : -1, "i32") },
        },
      };
    },
    evaluate: ({ params }, batch) => {
      const { words, count, width } = rows(batch);
      const table = params.table.words();
      const losses = new Float32Array(count * (width - 1));
      for (let row = 0; row < count; row++) {
        for (let i = 0; i + 1 < width; i++) {
          const logs = logProbabilities(table, words[row * width + i]);
          losses[row * (width - 1) + i] = -logs[words[row * width + i + 1]];
        }
      }
      return { losses: tensorFrom("f32", [count, width - 1], losses) };
    },
    predict: ({ params }, tokens, last) => {
      const byte = tokens.words()[last];
      const logs = logProbabilities(params.table.words(), byte);
      return { logits: tensorFrom("f32", [size], Float32Array.from(logs)) };
    },
  };
}

/** A valid configuration for the toy: only its training and data sections matter. */
export const toyPreset = {
  model: {
    width: 32,
    heads: 2,
    headWidth: 16,
    feedForwardWidth: 64,
    layers: ["local", "lsh"],
    positions: { kind: "axial", shape: [8, 16], widths: [8, 24] },
  },
  training: {
    batch: 2,
    length: 32,
    schedule: { kind: "constant", rate: 20, horizon: 12 },
    checkpointEvery: 4,
  },
};
