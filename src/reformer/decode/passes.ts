/** The passes that decoding consists of: a prompt's, and one token's. */
import type { Value } from "../../core/value.ts";
import { iota, sliceInDim } from "../../lax/index.ts";
import { add, expandDims, full, less, reshape, where } from "../../numpy/index.ts";
import { embedding } from "../../nn/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import { namesHeads, stackContext } from "../models/context.ts";
import { joinHealth, targetKey } from "../models/encoder-decoder/passes.ts";
import type { Encoded } from "../models/encoder-decoder/texts.ts";
import type { ReformerParams } from "../models/params.ts";
import { longestLength, positionVectors } from "../models/positions.ts";
import { streamDType } from "../models/run-stack.ts";
import { untiedLayers } from "../models/tied-layers.ts";
import { embedTokens } from "../models/token-vectors.ts";
import { rowLogits } from "../outputs/next-token.ts";
import { flattenRows } from "../row-chunks.ts";
import type { Health, HalfTrees, StackContext, Streams } from "../stack/reversible-layer.ts";
import { toStream } from "../stack/stream.ts";
import type { Decoder } from "./decoder.ts";
import type { PromptRows } from "./decoding-blocks.ts";
import type { UnitRows } from "./units.ts";
import { counted, sharedOf, type SourceCache, type SourceRows, type SourceText } from "./source.ts";

export interface PassResult {
  /** f32[B, vocabulary] */
  readonly logits: Value;
  readonly health: Health;
}

interface PromptOptions {
  readonly capacity: number;
  readonly rounds?: number;
  readonly encoded?: Encoded;
}

/** What the half-blocks of a layer keep of a prompt; units where there are some. */
export interface PromptLayer {
  readonly f: PromptRows;
  readonly g: UnitRows | null;
}

/** What those of one token read besides what all do. */
export interface OwnTrees {
  readonly f: object;
  readonly g?: object;
}

/** What one more token reads besides its layers' own. */
interface ReadSoFar {
  readonly position: Value;
  readonly rotations: readonly (Value | null)[];
  readonly source?: SourceCache | SourceText;
}

/** A prompt through the layers, and what they keep of it. */
export function readPrompt(
  decoder: Decoder,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  { capacity, rounds, encoded }: PromptOptions,
) {
  const { config, below } = decoder;
  const [batch, length] = tokens.shape;
  const own = encoded ? targetKey(key) : key;
  const options = { mode: "evaluation", length: capacity, rounds } as const;
  const { shared, layers } = stackContext(config, own, options);
  const embedded = toStream(embedTokens(config, params, tokens), streamDType(config));
  const { streams, health, saved } = decoder.prompt(
    untiedLayers(config, params.layers),
    { first: embedded, second: embedded },
    encoded
      ? {
          shared: { ...shared, source: encoded.source, sourceValid: encoded.sourceValid },
          layers: layers.map((layer) => ({ ...layer, c: noDropout })),
        }
      : { shared, layers },
  );
  const last = (x: Value): Value => sliceInDim(x, length - 1, length, 1);
  const top = { first: last(streams.first), second: last(streams.second) };
  return {
    logits: topLogits(config, params, top),
    health: encoded ? joinHealth(encoded.health, health, below ?? 0) : health,
    position: full([batch], length, "i32"),
    rotations: layers.map(({ f }) => f.rotations),
    rows: saved.map(({ f, g }): PromptLayer => ({ f: f as PromptRows, g: g as UnitRows | null })),
    ...(encoded && {
      source: { layers: saved.map(({ c }) => c as SourceRows), valid: encoded.sourceValid },
    }),
  };
}

/** One more token through the layers; what each adds is what its attention saved. */
export function readToken(
  decoder: Decoder,
  way: "token" | "definition" | "huggingFaceToken",
  params: ReformerParams,
  { position, rotations, source }: ReadSoFar,
  own: readonly OwnTrees[],
  token: Value,
): PassResult & { readonly saved: readonly HalfTrees[] } {
  const { config, below } = decoder;
  const [batch] = position.shape;
  const head = namesHeads(config) ? { head: iota("i32", config.heads) } : {};
  const context: StackContext = {
    shared: { valid: null, position, ...(source && sharedOf(source)) },
    layers: own.map(({ f, g }, i) => ({
      f: { ...nothingRandom, ...head, ...f, rotations: rotations[i] },
      ...(source && { c: { ...noDropout, ...source.layers[i] } }),
      g: { dropoutKey: null, ...g },
    })),
  };
  const vectors = embedding(params.embedding, token);
  const places = placeVectors(config, params, position);
  const rows = places ? add(vectors, places) : vectors;
  const stream = toStream(reshape(rows, [batch, 1, config.width]), streamDType(config));
  const { streams, health, saved } = decoder[way](
    untiedLayers(config, params.layers),
    { first: stream, second: stream },
    context,
  );
  return { logits: topLogits(config, params, streams), health: counted(health, below), saved };
}

/** Vectors of positions f32[B, width]; NaN behind the end of their table, null without positions. */
function placeVectors(
  config: ReformerConfig,
  params: ReformerParams,
  position: Value,
): Value | null {
  const places = positionVectors(config, params.positions, position);
  const longest = longestLength(config.positions);
  if (!places || longest === Infinity) return places;
  return where(expandDims(less(position, longest), 1), places, NaN);
}

const noDropout = { dropoutKey: null, outputKey: null } as const;

export const nothingRandom = { dropoutKey: null, outputKey: null, bucketShuffle: null } as const;

/** Logits of the rows of streams at the top. */
export const topLogits = (config: ReformerConfig, params: ReformerParams, top: Streams): Value =>
  rowLogits(config, params, flattenRows(top.first), flattenRows(top.second));
