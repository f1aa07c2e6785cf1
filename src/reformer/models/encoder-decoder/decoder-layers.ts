import {
  crossAttentionBlock,
  type CrossAttentionOptions,
} from "../../blocks/cross-attention-block.ts";
import { oncePer } from "../../once-per.ts";
import { allRows } from "../../row-chunks.ts";
import type { StackFunction } from "../../stack/reversible.ts";
import type { ReversibleLayer } from "../../stack/reversible-layer.ts";
import { conventionsOf, joinLayers, stackOf, type Mode } from "../layers.ts";
import { readsByKeys, type EncoderDecoderConfig } from "./config.ts";

/** The layers of a decoder in a mode, and the function that they are together. */
export interface DecoderStack {
  readonly layers: readonly ReversibleLayer[];
  readonly run: StackFunction;
}

const stacks: Readonly<Record<Mode, (config: EncoderDecoderConfig) => DecoderStack>> = {
  training: oncePer((config) => makeStack(config, "training")),
  evaluation: oncePer((config) => makeStack(config, "evaluation")),
};

/** Made once for every configuration object. */
export const decoderStack = (config: EncoderDecoderConfig, mode: Mode): DecoderStack =>
  stacks[mode](config);

/** How the layers of a decoder attend to the encoder's result. */
export function crossOptions(config: EncoderDecoderConfig, mode: Mode): CrossAttentionOptions {
  const training = mode === "training";
  return {
    heads: config.heads,
    normEpsilon: conventionsOf(config).normEpsilon,
    keepProbability: training && config.attentionDropout > 0 ? 1 - config.attentionDropout : null,
    outputDropout: training ? config.dropout : 0,
    rowChunk: config.feedForwardChunk ?? allRows,
  };
}

/** Half-blocks `f`, self-attention, `c`, attention to the encoder's result unless self-attention reads it, and `g`, feed-forward. */
function makeStack(config: EncoderDecoderConfig, mode: Mode): DecoderStack {
  if (readsByKeys(config)) return stackOf(config, mode);
  const c = crossAttentionBlock(crossOptions(config, mode));
  const own = stackOf(config, mode).layers;
  const layers = own.map(([f, g]) => [f, { name: "c", block: c }, g]);
  return { layers, run: joinLayers(config, layers) };
}
