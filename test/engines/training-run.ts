/** The golden run. Of the package it uses public names only, so that a page can run it too. */
import { init, type Tensor, type ThreadReport } from "reformax";
import type { RunProfile, WasmOptions } from "reformax/backends/wasm";
import {
  finish,
  parseTrainConfig,
  reformerModel,
  tensorsOf,
  train,
  type TrainConfig,
} from "reformax/training";

const steps = 20;

/** Small, but with everything in it whose bits could differ: two kinds of layers, rounds, dropout, padding, a schedule. */
const settings = {
  model: {
    width: 32,
    heads: 2,
    headWidth: 16,
    feedForwardWidth: 64,
    activation: "gelu",
    layers: ["lsh", "local", "lsh"],
    local: { chunk: 16 },
    lsh: { chunk: 16, rounds: 2, buckets: "auto" },
    positions: { kind: "axial", shape: [8, 16], widths: [16, 16] },
    dropout: 0.1,
    attentionDropout: 0.1,
    reversible: "exact",
    feedForwardChunk: 40,
    lossChunk: 40,
  },
  training: {
    batch: 2,
    length: 100,
    optimizer: { kind: "adam", beta1: 0.9, beta2: 0.98 },
    schedule: { kind: "cosine", rate: 3e-3, warmup: 5, horizon: steps, floor: 0.1 },
    clip: 1,
  },
  data: {},
};

export interface TrainingRun {
  /** SHA-256 of the final parameters, in hexadecimal digits. */
  readonly parameters: string;
  /** Bits per byte of each step. */
  readonly losses: readonly number[];
  /** The most threads that a program ran on. */
  readonly threads: number;
  /** What the backend says about its threads. */
  readonly report: ThreadReport;
}

/** Trains a Reformer on `text` for 20 steps. */
export async function trainingRun(
  text: Uint8Array,
  options: WasmOptions,
  seed = 2020,
): Promise<TrainingRun> {
  let threads = 0;
  const onRun = (run: RunProfile): void => {
    threads = Math.max(threads, run.threads);
  };
  const backend = await init("wasm", { ...options, profile: { onRun } });
  const config = validConfig(seed);
  const losses: number[] = [];
  const run = train({
    model: reformerModel(config),
    config,
    data: { train: text },
    steps,
    hooks: { now: () => 0 },
  });
  const { state } = await finish(run, ({ metrics }) => losses.push(metrics.bitsPerByte ?? NaN));
  return { parameters: await hashOf(state.params), losses, threads, report: backend.threads };
}

function validConfig(seed: number): TrainConfig {
  const parsed = parseTrainConfig({ ...settings, training: { ...settings.training, seed } });
  if ("left" in parsed) throw new Error(JSON.stringify(parsed.left));
  return parsed.right;
}

/** Over the leaves in the order of their names: the name, a zero byte, then the words, little-endian. */
async function hashOf(params: unknown): Promise<string> {
  const named = [...tensorsOf(params)].sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes = named.flatMap(([name, tensor]) => [
    new TextEncoder().encode(`${name}\0`),
    littleEndian(tensor),
  ]);
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(bytes).arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function littleEndian(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const words = tensor.words();
  const bits = new Uint32Array(words.buffer, words.byteOffset, words.length);
  const view = new DataView(new ArrayBuffer(words.byteLength));
  bits.forEach((word, i) => view.setUint32(4 * i, word, true));
  return new Uint8Array(view.buffer);
}
