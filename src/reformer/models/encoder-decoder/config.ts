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
  /** Tokens of the source, which then has a table of its own; absent where one table embeds both texts. */
  readonly vocabulary?: number;
}

/**
 * Everything that determines an encoder-decoder: the configuration of its decoder, whose layers attend to the encoder's result between
 * self-attention and feed-forward, and what differs in the encoder. Both embed tokens by one table, unless the encoder's vocabulary is given.
 */
export interface EncoderDecoderConfig extends ReformerConfig {
  readonly encoder: EncoderConfig;
  /**
   * `attention` (when absent): a half-block of each layer attends to all of the encoder's result. `keys`: its rows are keys and values of
   * self-attention behind those of the text, which lsh layers hash with it (lucidrains' `context`); local layers see none of them.
   */
  readonly cross?: "attention" | "keys";
}

/** Whether the decoder reads the encoder's result in its self-attention. */
export const readsByKeys = ({ cross }: Pick<EncoderDecoderConfig, "cross">): boolean =>
  cross === "keys";

/** The decoder as a model of its own, without what tells of another text. */
export function decoderPart(given: EncoderDecoderConfig): ReformerConfig {
  const { encoder: _encoder, cross: _cross, ...decoder } = given;
  return decoder;
}

/** The encoder as a model of its own: it sees all of its text. */
export const encoderOf = oncePer(({ encoder, ...config }: EncoderDecoderConfig): ReformerConfig => {
  const { cross: _, ...decoder } = config;
  return { ...decoder, ...encoder, mask: "full" };
});

/** Whether a configuration is that of an encoder-decoder. */
export const hasEncoder = (config: ReformerConfig): config is EncoderDecoderConfig =>
  "encoder" in config;
