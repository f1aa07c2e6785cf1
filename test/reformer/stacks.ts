/** Small reversible stacks of every kind of half-block, with their parameters, contexts and inputs. */
import { tree, type Tensor, type Value } from "../../src/index.ts";
import * as ops from "../../src/ir/ops.ts";
import { attentionBlock } from "../../src/reformer/blocks/attention-block.ts";
import type { AttentionKind } from "../../src/reformer/attention/head-options.ts";
import { conventions, type ConventionName } from "../../src/reformer/attention/conventions.ts";
import { feedForwardBlock } from "../../src/reformer/blocks/feed-forward-block.ts";
import {
  parts,
  rows,
  type BlockContext,
  type HalfBlock,
  type PartParams,
} from "../../src/reformer/blocks/half-block.ts";
import type {
  HalfTrees,
  ReversibleLayer,
  StackContext,
} from "../../src/reformer/stack/reversible.ts";
import type { StreamDType } from "../../src/reformer/stack/stream.ts";
import { f32, i32, u32, normalTensor } from "../support/tensors.ts";
import { integers } from "../support/random-data.ts";

/** `memory` gates its input by tensors that all layers share, so that the shared context has a gradient. */
export type LayerKind = AttentionKind | "memory";

export interface StackOptions {
  readonly seed: number;
  readonly kinds: readonly LayerKind[];
  readonly batch: number;
  readonly length: number;
  readonly width: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly chunkLength: number;
  readonly rounds: number;
  readonly sizes: readonly number[];
  readonly causal: boolean;
  /** Chunks ahead that attention sees: none if causal, else one, unless told. */
  readonly after?: number;
  /** Rows at a time in feed-forward blocks, norms and projections. */
  readonly rowChunk: number;
  readonly dropout: number;
  readonly attentionDropout: number;
  readonly preset: ConventionName;
  /** Some tokens are padding. */
  readonly padded: boolean;
}

export const defaultOptions: StackOptions = {
  seed: 1,
  kinds: ["local", "lsh", "local", "lsh", "local", "full"],
  batch: 2,
  length: 23,
  width: 8,
  heads: 2,
  headWidth: 4,
  chunkLength: 4,
  rounds: 2,
  sizes: [2, 4],
  causal: true,
  // Neither this nor what is near divides the 46 rows: the last chunk is smaller.
  rowChunk: 12,
  dropout: 0.1,
  attentionDropout: 0.2,
  preset: "paper",
  padded: false,
};

export interface Stack {
  readonly layers: readonly ReversibleLayer[];
  readonly params: readonly HalfTrees[];
  readonly context: StackContext;
  /** The differentiable part of the shared context: f32[batch, length, width] and f32[width]. */
  readonly memory: { readonly tokens: Tensor; readonly gain: Tensor };
  /** f32[batch, length, width] */
  readonly inputs: readonly [Tensor, Tensor];
}

export function makeStack(options: StackOptions): Stack {
  const { seed, kinds, batch, length, width, padded } = options;
  const valid = Int32Array.from(integers(seed + 3, batch * length, 5), (x) => Math.min(x, 1));
  const memory = {
    tokens: normalTensor(seed + 4, [batch, length, width]),
    gain: normalTensor(seed + 5, [width]),
  };
  const blocks = blocksOf(options);
  const shape = [batch, length, width];
  return {
    layers: kinds.map((kind) => [
      { name: "f", block: blocks[kind] },
      { name: "g", block: kind === "memory" ? blocks.gate : blocks.feedForward },
    ]),
    params: kinds.map((kind, i) => layerParams(options, kind, seed + 100 * (i + 1))),
    context: {
      shared: { valid: padded ? i32([batch, length], valid) : null, memory },
      layers: kinds.map((kind, i) => layerContext(options, kind, seed + 100 * (i + 1))),
    },
    memory,
    inputs: [normalTensor(seed + 1, shape), normalTensor(seed + 2, shape)],
  };
}

interface Gain {
  readonly scale: Value;
}

type GatedContext = BlockContext<unknown, Pick<Stack, "memory">>;

/** One object per kind, so that layers of a kind share their compiled functions. */
export function blocksOf(
  options: StackOptions,
): Readonly<Record<LayerKind | "feedForward" | "gate", HalfBlock>> {
  const { heads, chunkLength, sizes, causal, rowChunk, dropout, attentionDropout, preset } =
    options;
  const { after = causal ? 0 : 1 } = options;
  const attention = (kind: AttentionKind): HalfBlock =>
    attentionBlock({
      kind,
      causal,
      chunkLength,
      before: 1,
      after,
      buckets: sizes,
      keepProbability: attentionDropout > 0 ? 1 - attentionDropout : null,
      conventions: conventions[preset],
      heads,
      outputDropout: dropout,
      rowChunk,
    });
  return {
    local: attention("local"),
    lsh: attention("lsh"),
    full: attention("full"),
    memory: parts("memory", heads, {
      chunk: rowChunk,
      enter: (_: PartParams<Gain>, x) => x,
      mix: ({ own: { scale } }, x, { shared: { memory } }: GatedContext) => {
        const gated = ops.mul(ops.tanh(x), memory.tokens);
        const factor = ops.mul(scale, ops.tanh(memory.gain));
        return { out: ops.mul(gated, ops.broadcastInDim(factor, x.shape, [2])), saved: null };
      },
      leave: (_, mixed) => mixed,
    }),
    gate: rows("gate", rowChunk, ({ scale }: Gain, x, { shared: { memory } }: GatedContext) => {
      const factor = ops.mul(scale, ops.sin(memory.gain));
      return ops.mul(ops.tanh(x), ops.broadcastInDim(factor, x.shape, [1]));
    }),
    feedForward: feedForwardBlock({
      chunk: rowChunk,
      activation: "gelu",
      dropout,
      normEpsilon: conventions[preset].normEpsilon,
    }),
  };
}

const scaledNormal = (seed: number, shape: readonly number[], factor: number): Tensor =>
  f32(
    shape,
    normalTensor(seed, shape)
      .words()
      .map((word) => word * factor),
  );

function layerParams(options: StackOptions, kind: LayerKind, seed: number): HalfTrees {
  const { width, heads, headWidth } = options;
  const spread = 1 / Math.sqrt(width);
  const norm = (at: number): { gamma: Tensor; beta: Tensor } => ({
    gamma: f32(
      [width],
      normalTensor(at, [width])
        .words()
        .map((word) => 1 + 0.1 * word),
    ),
    beta: scaledNormal(at + 1, [width], 0.1),
  });
  const inward = (at: number): Tensor => scaledNormal(at, [heads, width, headWidth], spread);
  const attention = {
    shared: { norm: norm(seed) },
    parts: {
      query: inward(seed + 2),
      value: inward(seed + 3),
      output: scaledNormal(seed + 4, [heads, headWidth, width], spread),
      ...(kind === "local" && { key: inward(seed + 5) }),
    },
  };
  const memory = { shared: null, parts: { scale: scaledNormal(seed + 6, [heads, width], 0.5) } };
  if (kind === "memory") return { f: memory, g: { scale: scaledNormal(seed + 7, [width], 0.5) } };
  return {
    f: attention,
    g: {
      norm: norm(seed + 10),
      inner: {
        kernel: scaledNormal(seed + 12, [width, 2 * width], spread),
        bias: scaledNormal(seed + 13, [2 * width], 0.1),
      },
      outer: {
        kernel: scaledNormal(seed + 14, [2 * width, width], spread),
        bias: scaledNormal(seed + 15, [width], 0.1),
      },
    },
  };
}

function layerContext(options: StackOptions, kind: LayerKind, seed: number): HalfTrees {
  const { heads, headWidth, rounds, sizes, dropout, attentionDropout } = options;
  const half = sizes.reduce((sum, size) => sum + size, 0) / 2;
  const keys = (at: number, count: number): Tensor =>
    u32([count, 2], integers(at, 2 * count, 2 ** 31));
  const [outputKey] = [keys(seed + 22, 1)];
  const attention = {
    rotations: kind === "lsh" ? normalTensor(seed + 20, [heads, 1, headWidth, rounds, half]) : null,
    dropoutKey: attentionDropout > 0 ? keys(seed + 21, heads) : null,
    outputKey:
      dropout > 0
        ? u32([heads, 2], Array.from({ length: heads }, () => [...outputKey.words()]).flat())
        : null,
  };
  const dropoutKey = dropout > 0 ? u32([2], integers(seed + 23, 2, 2 ** 31)) : null;
  return { f: kind === "memory" ? null : attention, g: { dropoutKey } };
}

/** Bytes of all arrays in a tree. */
export const bytesOf = (values: unknown): number =>
  tree.leaves<Tensor>(values).reduce((sum, leaf) => sum + 4 * leaf.size, 0);

export const q32 = (fractionBits: number): StreamDType => `q32.${fractionBits}`;
