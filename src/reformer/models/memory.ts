import type { DeviceLimits } from "../../ir/backend.ts";
import { bucketSizes } from "../attention/buckets.ts";
import { conventions } from "../attention/conventions.ts";
import {
  feedForwardRowWords,
  layersParameters,
  recurrentWords,
  storedWords,
  type ModelSizes,
} from "./layer-sizes.ts";
import { positionParameters } from "./positions.ts";

export interface TrainingSizes {
  readonly batch: number;
  readonly length: number;
  /** Arrays as large as the parameters that the optimiser keeps: 2 for Adam. */
  readonly optimizerCopies: number;
}

export const wordBytes = 4;

/** Number of parameters of a model. */
export function parameterCount(model: ModelSizes): number {
  const { vocabulary, width, conventions: name, tiedEmbedding } = model;
  const merged = conventions[name].merge === "concatenate" ? 2 * width : width;
  const output = 2 * merged + vocabulary + (tiedEmbedding ? 0 : merged * vocabulary);
  return vocabulary * width + positionParameters(model) + layersParameters(model) + output;
}

/**
 * Bytes that a training step with chunks of `chunk` rows needs, by the formula of docs/design/reversible.md: four streams,
 * what one head needs at full length or a chunk needs in its loop, and parameters with their gradient and the
 * optimiser's arrays.
 */
export function trainingBytes(model: ModelSizes, sizes: TrainingSizes, chunk: number): number {
  const { width, headWidth, lsh, reversible, layers } = model;
  const { batch, length } = sizes;
  const tokens = batch * length;
  const rounds = layers.includes("lsh") ? lsh.rounds : 1;
  const hashed = layers.filter((kind) => kind === "lsh").length;
  const savedBuckets = reversible === "exact" ? 0 : hashed * model.heads * rounds * tokens;
  const stored = reversible === "none" ? tokens * layers.length * storedWords(model) : 0;
  const streams = tokens * 4 * width;
  const head = tokens * (6 * headWidth + 3 * rounds + 2) + attentionRoom(headWidth, rounds);
  const rotations = hashed * rotationWords(model, length);
  const widest = Math.max(head, tokens * recurrentWords(model), chunk * rowWords(model));
  const activations = streams + widest + rotations + savedBuckets + stored;
  return wordBytes * (activations + (2 + sizes.optimizerCopies) * parameterCount(model));
}

/**
 * What attention may need for itself besides its operands and results, whatever the machine: a bound that the choice of chunks
 * can rely on everywhere. A plan says what it really is.
 */
const attentionRoom = (headWidth: number, rounds: number): number =>
  2 ** 14 * (headWidth + 24 + rounds / 2);

/** Random rotations of one layer. */
function rotationWords({ lsh, heads, headWidth, conventions: name }: ModelSizes, length: number) {
  const { buckets, chunk, rounds, powersUpTo } = lsh;
  const rule = { buckets, powersUpTo, chunkLength: chunk, conventions: conventions[name] };
  const sizes = bucketSizes(rule, length);
  return (heads * headWidth * rounds * sizes.reduce((sum, size) => sum + size, 0)) / 2;
}

/** Words per row of a chunk: the widest of feed-forward, projections and loss with their derivatives. */
function rowWords(model: ModelSizes): number {
  const { width, headWidth, vocabulary } = model;
  const feedForward = feedForwardRowWords(model);
  const attention = 6 * width + 8 * headWidth;
  const loss = 10 * width + 4 * vocabulary;
  return Math.max(feedForward, attention, loss);
}

/** On a processor larger chunks gain nothing: their arrays leave the second-level cache. */
export const largestChunk = 512;
/** On a device each chunk is a dozen kernel calls, and large ones keep it busy. Beyond this, chunks are few anyway. */
export const largestDeviceChunk = 65_536;
const smallestChunk = 64;

/** The rows of a chunk, or the bytes that even the smallest chunk would need. */
export type ChunkChoice =
  | { readonly chunk: number; readonly needed?: undefined }
  | { readonly chunk?: undefined; readonly needed: number };

/**
 * The largest power of two of rows, from 64 to 512, with which a training step stays within `budget` bytes. On a device it goes up to
 * 65,536, or to as many as there are tokens, and its largest buffer bounds the budget. A pure function of its
 * arguments: a machine's free memory has no say in what is computed.
 */
export const chunkForBudget = (
  model: ModelSizes,
  sizes: TrainingSizes,
  budget: number,
  device?: DeviceLimits,
): ChunkChoice => chooseChunk((chunk) => trainingBytes(model, sizes, chunk), sizes, budget, device);

/** The same for whatever needs `bytes` with chunks of so many rows. */
export function chooseChunk(
  bytes: (chunk: number) => number,
  sizes: Pick<TrainingSizes, "batch" | "length">,
  budget: number,
  device?: DeviceLimits,
): ChunkChoice {
  const most = device ? Math.min(largestDeviceChunk, rowsFor(sizes)) : largestChunk;
  const room = Math.min(budget, device?.maxBufferBytes ?? budget);
  for (let chunk = most; chunk >= smallestChunk; chunk /= 2) {
    if (bytes(chunk) <= room) return { chunk };
  }
  return { needed: bytes(smallestChunk) };
}

/** The least power of two, from that of the smallest chunk, that is all tokens of a step at once. */
function rowsFor({ batch, length }: Pick<TrainingSizes, "batch" | "length">): number {
  let rows = smallestChunk;
  while (rows < batch * length) rows *= 2;
  return rows;
}
