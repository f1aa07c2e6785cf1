import { checkPairConfig } from "../../reformer/models/encoder-decoder/complete-config.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import { astype, concatenate, greaterEqual, index, maximum, slice } from "../../numpy/index.ts";
import * as encoderDecoder from "../../reformer/models/encoder-decoder/index.ts";
import type { EncoderDecoderConfig } from "../../reformer/models/encoder-decoder/config.ts";
import type { EncoderDecoderParams } from "../../reformer/models/encoder-decoder/params.ts";
import type { Encoded } from "../../reformer/models/encoder-decoder/texts.ts";
import { begin, next, type DecodeCache, type DecodeOptions } from "../../reformer/decode/decode.ts";
import { isCacheable } from "../../reformer/models/requirements.ts";
import type { ReaderStep } from "../../generation/predictor.ts";
import type { StreamHealth } from "../../generation/stream-health.ts";
import { jit } from "../../transforms/index.ts";
import { concreteTree } from "../concrete-tree.ts";
import { splitWindow } from "../data/token-window.ts";
import { nextStep, readerStep, type NextStep } from "../next-step.ts";
import { streamHealth } from "../step-metrics.ts";
import type { TranslateConfig } from "./config.ts";
import type { Learned, SweepingLearner } from "../task/learner.ts";

/** Pairs of tokens, padded with numbers below 0: source i32[B, S], target i32[B, L + 1]. */
interface Batch {
  readonly source: Value;
  readonly target: Value;
}

/** Names of the layers from the encoder's input up. */
export const layerNames = ({ encoder, layers }: EncoderDecoderConfig): readonly string[] => [
  ...encoder.layers.map((kind) => `encoder.${kind}`),
  ...layers.map((kind) => `decoder.${kind}`),
];

/** Mean loss in nats per token of the targets. */
export function pairLoss(
  { model, training: { labelSmoothing } }: Pick<TranslateConfig, "model" | "training">,
  params: EncoderDecoderParams,
  { source, target }: Batch,
  key: Value,
): Learned {
  const { inputs, targets, valid } = splitWindow(target, true);
  const { tokens, valid: sourceValid } = sourceOf(source);
  const pair = { source: tokens, inputs, targets };
  const options = { mode: "training", valid, sourceValid, labelSmoothing } as const;
  return encoderDecoder.loss(model, params, pair, key, options);
}

/** The same with updates inside of the reverse sweeps of both stacks. */
export const pairSweep = ({
  model,
  training: { labelSmoothing },
}: Pick<TranslateConfig, "model" | "training">): SweepingLearner<EncoderDecoderParams, Batch> => ({
  init: (optimizer, params) => encoderDecoder.initUpdateState(optimizer, params),
  step: (optimizer) => {
    const step = encoderDecoder.lossAndUpdate(model, optimizer, { labelSmoothing });
    return (state, { source, target }, key) => {
      const { inputs, targets, valid } = splitWindow(target, true);
      const { tokens, valid: sourceValid } = sourceOf(source);
      const pair = { source: tokens, inputs, targets };
      return step(state as encoderDecoder.PairUpdateState, pair, key, { valid, sourceValid });
    };
  },
});

const sourceOf = (source: Value) => ({
  tokens: maximum(source, 0),
  valid: astype(greaterEqual(source, 0), "i32"),
});

/** Compiled functions of a trained encoder-decoder. */
export interface TranslateModel {
  /** Negative log likelihood in nats of every target, f32[B, L]; 0 where there is none. */
  losses(params: EncoderDecoderParams, batch: Batch, key: Tensor, options: ReadOptions): Losses;
  /** What the encoder makes of sources i32[B, S]. */
  encode(params: EncoderDecoderParams, source: Tensor, key: Tensor, options: ReadOptions): Encoded;
  /** The likeliest token behind each row of `inputs` i32[B, L] up to position `last`, i32[B]. */
  next(
    params: EncoderDecoderParams,
    encoded: Encoded,
    inputs: Tensor,
    last: Tensor,
    key: Tensor,
    options: ReadOptions,
  ): Next;
  /** Reads translations token by token; absent where the decoder's attention has no cache. */
  readonly reader?: PairReader;
}

/** What follows the beginnings of translations, and what is kept of them and of their sources. */
export interface PairReader {
  /** Behind beginnings i32[B, L] of translations of the encoded sources, with room for `capacity` tokens. */
  begin(
    params: EncoderDecoderParams,
    encoded: Encoded,
    tokens: Tensor,
    key: Tensor,
    options: Pick<ReadOptions, "rounds"> & { readonly capacity: number },
  ): ReaderStep<DecodeCache>;
  /** Behind one more token of each, i32[n]; `rows` i32[n] as `TokenReader.next` has them. The cache is given away. */
  readonly next: NextStep<DecodeCache>;
}

export interface Losses {
  readonly losses: Tensor;
  readonly health: StreamHealth;
}

export interface Next {
  readonly tokens: Tensor;
  readonly health: StreamHealth;
}

/** How a trained model reads. */
export interface ReadOptions {
  /** Hash rounds; those of the configuration when absent. */
  readonly rounds?: number;
  /** Whether every decoder reads another pair's source: what is left is what it knows without. */
  readonly otherSources?: boolean;
}

/** The functions of a configuration, compiled when first called. */
export function translateModel(config: EncoderDecoderConfig): TranslateModel {
  checkPairConfig(config, "translateModel");
  type Params = EncoderDecoderParams;
  const encode = (params: Params, source: Value, key: Value, options: ReadOptions): Encoded => {
    const { tokens, valid: sourceValid } = sourceOf(source);
    const { rounds, otherSources = false } = options;
    const encoded = encoderDecoder.encode(config, params, tokens, key, { rounds, sourceValid });
    return otherSources
      ? { ...encoded, source: turned(encoded.source), sourceValid: turned(sourceValid) }
      : encoded;
  };
  const compiled = {
    encode: jit(encode, { staticArgnums: [3], name: "encode" }),
    losses: jit(
      (params: Params, { source, target }: Batch, key: Value, options: ReadOptions) => {
        const { inputs, targets, valid } = splitWindow(target, true);
        const pass = { rounds: options.rounds, valid };
        const { losses, health } = encoderDecoder.losses(
          config,
          params,
          encode(params, source, key, options),
          { inputs, targets },
          key,
          pass,
        );
        return { losses, health: streamHealth(health) };
      },
      { staticArgnums: [3], name: "pairLosses" },
    ),
    next: jit(
      (
        params: Params,
        encoded: Encoded,
        inputs: Value,
        last: Value,
        key: Value,
        options: ReadOptions,
      ) => {
        const { rounds } = options;
        const at = { inputs, last };
        const { tokens, health } = encoderDecoder.nextTokens(config, params, encoded, at, key, {
          rounds,
        });
        return { tokens, health: streamHealth(health) };
      },
      { staticArgnums: [5], name: "nextTokens" },
    ),
  };
  return {
    ...(isCacheable(config) && { reader: pairReader(config) }),
    losses: (...args) => concreteTree(compiled.losses(...args)),
    encode: (...args) => concreteTree(compiled.encode(...args)),
    next: (...args) => concreteTree(compiled.next(...args)),
  };
}

function pairReader(config: EncoderDecoderConfig): PairReader {
  type Params = EncoderDecoderParams;
  const read = jit(
    (params: Params, encoded: Encoded, tokens: Value, key: Value, options: DecodeOptions) =>
      readerStep(begin(config, params, tokens, key, { ...options, encoded })),
    { staticArgnums: [4], name: "beginPairs" },
  );
  return { begin: (...args) => concreteTree(read(...args)), next: nextStep(config, next) };
}

/** Every row of a batch in the place of the one behind it, the first in that of the last. */
const turned = (x: Value): Value => concatenate([index(x, slice(1)), index(x, slice(0, 1))], 0);
