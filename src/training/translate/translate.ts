import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { toHost } from "../../core/to-host.ts";
import { checkStreams } from "../../generation/stream-health.ts";
import type { EncoderDecoderParams } from "../../reformer/models/encoder-decoder/params.ts";
import type { TextCodec } from "../text/codec.ts";
import { gatherPairs, paddedLength } from "./batches.ts";
import type { ReadOptions, TranslateModel } from "./model.ts";

/** What writing translations needs besides a model and its parameters. */
export interface WriteOptions extends ReadOptions {
  readonly codec: TextCodec;
  /** Most tokens of a source, and of a translation with its end; what is longer is cut. */
  readonly length: number;
  /** Texts per call of the model. */
  readonly batch: number;
  /** u32[2]; what hash rotations are drawn from. */
  readonly key: Tensor;
  /** Names of the layers, for messages. */
  readonly layers: readonly string[];
  /** Called between batches with the share that is done; may wait. */
  readonly onProgress?: (share: number) => Promise<void>;
}

/**
 * Translations of texts by greedy decoding: always the likeliest token, until the one at the end of a text. Texts of about the same length
 * are read together; which ones makes no difference.
 *
 * @throws NonFiniteError where the streams overflow or hold NaN
 */
export async function translateTexts(
  model: TranslateModel,
  params: EncoderDecoderParams,
  texts: readonly string[],
  options: WriteOptions,
): Promise<readonly string[]> {
  const { codec, length, batch, onProgress } = options;
  const sources = texts.map((text) => codec.encode(text).slice(0, length));
  const order = sources
    .map((_, i) => i)
    .sort((a, b) => sources[a].length - sources[b].length || a - b);
  const written = new Map<number, string>();
  for (let first = 0; first < order.length; first += batch) {
    const group = order.slice(first, first + batch);
    const rows = group.map((i) => sources[i]);
    const translated = await writeGroup(model, params, rows, options);
    group.forEach((i, row) => written.set(i, codec.decode(translated[row])));
    await onProgress?.(Math.min(1, (first + batch) / order.length));
  }
  return texts.map((_, i) => written.get(i) ?? "");
}

async function writeGroup(
  model: TranslateModel,
  params: EncoderDecoderParams,
  sources: readonly (readonly number[])[],
  { codec, length, batch, key, layers, rounds, otherSources }: WriteOptions,
): Promise<readonly (readonly number[])[]> {
  const longest = Math.max(...sources.map((source) => source.length));
  const pairs = sources.map((source) => ({ source, target: [] }));
  const { source } = gatherPairs(pairs, paddedLength(longest, length), codec, batch);
  const reading = { rounds, otherSources };
  const encoded = model.encode(params, source, key, reading);
  const written = sources.map((): number[] => []);
  const isOpen = (tokens: readonly number[]): boolean => tokens.at(-1) !== codec.end;
  for (let at = 0; at < length && written.some(isOpen); at++) {
    const inputs = prefixes(written, { rows: batch, width: paddedLength(at + 1, length), codec });
    const last = tensorFrom("i32", [], Int32Array.of(at));
    const next = await toHost(model.next(params, encoded, inputs, last, key, reading));
    checkStreams(next.health, "translate", layers);
    const tokens = next.tokens.words();
    written.forEach((row, i) => {
      if (isOpen(row)) row.push(tokens[i]);
    });
  }
  return written;
}

/** What was written so far, behind the token at the beginning: i32[rows, width]. What stands behind it is not looked at. */
function prefixes(
  written: readonly (readonly number[])[],
  { rows, width, codec }: { rows: number; width: number; codec: TextCodec },
): Tensor {
  const words = new Int32Array(rows * width).fill(codec.end);
  for (let row = 0; row < rows; row++) words[row * width] = codec.begin;
  written.forEach((tokens, row) => {
    words.set(tokens.slice(0, width - 1), row * width + 1);
  });
  return tensorFrom("i32", [rows, width], words);
}
