import { oncePer } from "../../once-per.ts";
import type { AttentionKind } from "../../attention/head-options.ts";
import type { LshConfig, PositionConfig, ReformerConfig, WindowConfig } from "../config.ts";

/** What differs in the encoder; all else is as in the decoder. */
export interface EncoderConfig {
  /** The kind of attention of each layer, from the input up. */
  readonly layers: readonly AttentionKind[];
  readonly positions?: PositionConfig;
  readonly local?: WindowConfig;
  readonly lsh?: LshConfig;
}

/**
 * Everything that determines an encoder-decoder: the configuration of its decoder, whose layers attend to the encoder's result between
 * self-attention and feed-forward, and what differs in the encoder. Both embed tokens by one table.
 */
export interface EncoderDecoderConfig extends ReformerConfig {
  readonly encoder: EncoderConfig;
}

/** The encoder as a model of its own: it sees all of its text. */
export const encoderOf = oncePer(
  ({ encoder, ...decoder }: EncoderDecoderConfig): ReformerConfig => ({
    ...decoder,
    ...encoder,
    mask: "full",
  }),
);

/** Whether a configuration is that of an encoder-decoder. */
export const hasEncoder = (config: ReformerConfig): config is EncoderDecoderConfig =>
  "encoder" in config;
