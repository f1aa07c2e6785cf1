import { checkKinds, checkRecord, checkSomeOf, type KindsOf } from "../../core/arguments.ts";
import { ReformaxError } from "../../core/errors.ts";
import { listOf, orAbsent } from "../../core/kinds.ts";
import { keyKind } from "../value-kinds.ts";
import { codecKind } from "../text/codec.ts";
import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { toHost } from "../../core/to-host.ts";
import { searchBeams } from "../../generation/beam-search.ts";
import type { BeamOptions } from "../../generation/beam-state.ts";
import type { RowReader } from "../../generation/row-reader.ts";
import { checkStreams } from "../../generation/stream-health.ts";
import type { DecodeCache } from "../../reformer/decode/decode.ts";
import type { Encoded } from "../../reformer/models/encoder-decoder/texts.ts";
import type { EncoderDecoderParams } from "../../reformer/models/encoder-decoder/params.ts";
import type { TextCodec } from "../text/codec.ts";
import { gatherPairs, paddedLength } from "./batches.ts";
import type { ReadOptions, TranslateModel } from "./model.ts";

const modelKinds = {
  losses: "function",
  encode: "function",
  next: "function",
  reader: orAbsent("object"),
} as const;

/** How translations are searched; greedily where nothing is said. */
export type SearchOptions = Partial<Pick<BeamOptions, "beams" | "lengthPenalty">>;

/** What writing translations needs besides a model and its parameters. */
export interface WriteOptions extends ReadOptions, SearchOptions {
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

const writeKinds: KindsOf<WriteOptions> = {
  codec: codecKind,
  length: "size",
  batch: "size",
  key: keyKind,
  layers: listOf("text"),
  rounds: orAbsent("size"),
  otherSources: orAbsent("flag"),
  beams: orAbsent("size"),
  lengthPenalty: orAbsent("number"),
  onProgress: orAbsent("function"),
};

/**
 * Translations of texts, each until the token at the end of a text: the best that a beam search finds (see `beamSearch`), or with one beam by
 * greedy decoding, always the likeliest token. Texts of about the same length are read together; which ones makes no difference.
 *
 * @throws ReformaxError for beams of a model whose attention has no cache; NonFiniteError where the streams overflow or hold NaN
 */
export async function translateTexts(
  model: TranslateModel,
  params: EncoderDecoderParams,
  texts: readonly string[],
  options: WriteOptions,
): Promise<readonly string[]> {
  const where = "translateTexts";
  checkSomeOf(model, modelKinds, "model", where);
  checkKinds({ params: [params, "object"], texts: [texts, listOf("text")] }, where);
  checkRecord(options, writeKinds, "options", where);
  const { codec, length, batch, onProgress, beams = 1 } = options;
  const { reader } = model;
  if (beams > 1 && !reader) throw noBeams(beams);
  const sources = texts.map((text) => codec.encode(text).slice(0, length));
  const order = sources
    .map((_, i) => i)
    .sort((a, b) => sources[a].length - sources[b].length || a - b);
  const written = new Map<number, string>();
  for (let first = 0; first < order.length; first += batch) {
    const group = order.slice(first, first + batch);
    const rows = group.map((i) => sources[i]);
    const translated = await (reader ? searchGroup : writeGroup)(model, params, rows, options);
    group.forEach((i, row) => written.set(i, codec.decode(translated[row])));
    await onProgress?.(Math.min(1, (first + batch) / order.length));
  }
  return texts.map((_, i) => written.get(i) ?? "");
}

const noBeams = (beams: number): ReformaxError =>
  new ReformaxError("beams need a cache, which the model's attention has not", {
    where: "translate",
    expected: "1 beam",
    got: String(beams),
  });

/** By a cache: what was written so far is read once. */
async function searchGroup(
  model: TranslateModel,
  params: EncoderDecoderParams,
  sources: readonly (readonly number[])[],
  options: WriteOptions,
): Promise<readonly (readonly number[])[]> {
  const { codec, length, beams = 1, lengthPenalty = 1 } = options;
  const encoded = encodeGroup(model, params, sources, options);
  const found = await searchBeams(
    pairRows(model, params, encoded, options),
    sources.map(() => [codec.begin]),
    length,
    // The first text that one beam ends is the greedy one.
    { beams, lengthPenalty, earlyStopping: beams === 1, endTokens: [codec.end] },
  );
  return found.map(([best]) => best.text);
}

/** What follows the beginnings of the translations of encoded sources. */
function pairRows(
  { reader }: TranslateModel,
  params: EncoderDecoderParams,
  encoded: Encoded,
  { length, batch, key, layers, rounds }: WriteOptions,
): RowReader {
  const i32 = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
    tensorFrom("i32", shape, Int32Array.from(values));
  let cache: DecodeCache | undefined;
  let size = batch;
  return async (texts, parents) => {
    if (!reader) return [];
    const tokens = texts.map((text) => text[text.length - 1]);
    const isAll = parents.length === size && parents.every((row, i) => row === i);
    const step = cache
      ? reader.next(params, cache, i32(tokens), isAll ? undefined : i32(parents))
      : reader.begin(params, encoded, i32(filled(tokens, batch), [batch, 1]), key, {
          rounds,
          capacity: length,
        });
    size = cache ? texts.length : batch;
    ({ cache } = step);
    const { logits, health } = await toHost({ logits: step.logits, health: step.health });
    checkStreams(health, "translate", layers);
    const words = logits.words();
    const vocabulary = logits.shape[1];
    return texts.map((_, i) => words.subarray(i * vocabulary, (i + 1) * vocabulary));
  };
}

/** As many as rows of a group, of which the last one may have fewer texts. */
const filled = (tokens: readonly number[], count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => tokens[Math.min(i, tokens.length - 1)]);

function encodeGroup(
  model: TranslateModel,
  params: EncoderDecoderParams,
  sources: readonly (readonly number[])[],
  { codec, length, batch, key, rounds, otherSources }: WriteOptions,
): Encoded {
  const longest = Math.max(...sources.map((source) => source.length));
  const pairs = sources.map((source) => ({ source, target: [] }));
  const { source } = gatherPairs(pairs, paddedLength(longest, length), codec, batch);
  return model.encode(params, source, key, { rounds, otherSources });
}

/** Greedily by whole passes, for attention that has no cache. */
async function writeGroup(
  model: TranslateModel,
  params: EncoderDecoderParams,
  sources: readonly (readonly number[])[],
  options: WriteOptions,
): Promise<readonly (readonly number[])[]> {
  const { codec, length, batch, key, layers, rounds, otherSources } = options;
  const reading = { rounds, otherSources };
  const encoded = encodeGroup(model, params, sources, options);
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
