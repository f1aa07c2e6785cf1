import { ReformaxError } from "../../core/errors.ts";
import { checkWhole } from "../../core/whole.ts";
import { bucketSizes } from "../attention/buckets.ts";
import type { AttentionKind } from "../attention/head-options.ts";
import type { HalfBlock, PartsBlock } from "../blocks/half-block.ts";
import type { MixUnits } from "../blocks/recurrent-block.ts";
import type { CrossAttentionOptions } from "../blocks/cross-attention-block.ts";
import type { ReformerConfig } from "../models/config.ts";
import { keyCount } from "../models/context.ts";
import { decoderPart, hasEncoder } from "../models/encoder-decoder/config.ts";
import { crossOptions, decoderStack } from "../models/encoder-decoder/decoder-layers.ts";
import {
  attentionBlockOptions,
  buildLayers,
  dressed,
  headOptions,
  ordinary,
  recurrentHalf,
} from "../models/layers.ts";
import { formOf } from "../models/feed-forward-form.ts";
import { longestLength } from "../models/positions.ts";
import { requireCacheable, requireCausal } from "../models/requirements.ts";
import { oncePer } from "../once-per.ts";
import { forwardPass } from "../stack/forward-pass.ts";
import type { ReversibleLayer, StackFunction } from "../stack/reversible-layer.ts";
import { requireForgetting } from "./check-streaming.ts";
import { promptBlock, type DecodingBlockOptions } from "./decoding-blocks.ts";
import { definingBlock } from "./defining-block.ts";
import { tokenBlock } from "./token-block.ts";
import { definingSource, promptSource, tokenSource } from "./source.ts";
import { definingUnits, promptUnits, tokenUnits } from "./units.ts";
import * as huggingFace from "./huggingface/blocks.ts";

/** How a model decodes with room for so many tokens: its layers with attention that reads a prompt, one token, or defines what that is. */
export interface Decoder {
  /** With the number of buckets that the room gives, whatever the length so far. */
  readonly config: ReformerConfig;
  /** The factors of that number. */
  readonly sizes: readonly number[];
  /** How the heads of each layer attend. */
  readonly heads: readonly DecodingBlockOptions[];
  /** Layers of the encoder whose result these attend to; null where there is none. */
  readonly below: number | null;
  readonly prompt: StackFunction;
  readonly token: StackFunction;
  readonly definition: StackFunction;
  readonly huggingFacePrompt: StackFunction;
  readonly huggingFaceToken: StackFunction;
}

/** Room for so many tokens; if the text goes on when they are read, the first ones are forgotten. */
export interface DecodeRoom {
  readonly capacity: number;
  readonly streaming?: boolean;
}

const decoders = oncePer((config: ReformerConfig) => {
  const byRoom = new Map<string, Decoder>();
  return ({ capacity, streaming = false }: DecodeRoom): Decoder => {
    const name = `${capacity} ${streaming}`;
    const known = byRoom.get(name);
    if (known) return known;
    const made = makeDecoder(config, { capacity, streaming });
    byRoom.set(name, made);
    return made;
  };
});

/**
 * Made once for every configuration object and room.
 * @throws ReformaxError for models that are not causal, where the positions have less room, and for what cannot forget where it has to
 */
export function decoderOf(config: ReformerConfig, room: DecodeRoom, where: string): Decoder {
  const { capacity, streaming } = room;
  requireCausal(config, where);
  requireCacheable(config, where);
  checkWhole(capacity, "capacity", where, 1);
  const longest = longestLength(config.positions);
  if (capacity > longest) {
    throw new ReformaxError("the model has no positions for so many tokens", {
      where,
      expected: `a capacity of at most ${longest}`,
      got: String(capacity),
    });
  }
  const decoder = decoders(config)(room);
  if (streaming) requireForgetting(decoder.heads, where);
  return decoder;
}

function makeDecoder(
  given: ReformerConfig,
  { capacity, streaming }: Required<DecodeRoom>,
): Decoder {
  const keys = keyCount(given, { length: capacity });
  const sizes = bucketSizes(headOptions(given, "lsh", "evaluation"), keys);
  const own: ReformerConfig = { ...given, lsh: { ...given.lsh, buckets: sizes } };
  const pair = hasEncoder(own) ? own : null;
  const config = pair ? decoderPart(pair) : own;
  const { memory = 0 } = config.attention ?? {};
  const optionsOf = (kind: AttentionKind): DecodingBlockOptions => ({
    ...attentionBlockOptions(config, kind, "evaluation"),
    sizes,
    memory: kind === "local" ? 0 : memory,
    capacity,
    streaming,
  });
  const stack = (
    make: (options: DecodingBlockOptions) => PartsBlock,
    makeSource: (options: CrossAttentionOptions) => PartsBlock,
    mixUnits: MixUnits,
  ): StackFunction => {
    const c = pair && makeSource(crossOptions(pair, "evaluation"));
    const built = pair
      ? decoderStack(pair, "evaluation").layers
      : buildLayers(config, "evaluation");
    const recurrent =
      config.feedForward?.recurrent && recurrentHalf(config, "evaluation", mixUnits);
    const blocks = new Map<AttentionKind, HalfBlock>();
    const layers = built.map((layer, i): ReversibleLayer => {
      const kind = config.layers[i];
      const block = blocks.get(kind) ?? dressed(config, "evaluation", make(optionsOf(kind)));
      blocks.set(kind, block);
      return layer.map((half) => {
        if (half.name === "f") return { ...half, block };
        if (recurrent && half.name === "g" && formOf(config, i) === "recurrent")
          return { ...half, block: recurrent };
        return c && half.name === "c" ? { ...half, block: c } : half;
      });
    });
    return config.reversible === "none"
      ? ordinary(config, layers)
      : (params, streams, context) =>
          forwardPass(layers, params, streams, context ?? { shared: null, layers: [] });
  };
  return {
    config,
    sizes,
    heads: config.layers.map(optionsOf),
    below: pair?.encoder.layers.length ?? null,
    prompt: stack(promptBlock, promptSource, promptUnits),
    token: stack(tokenBlock, tokenSource, tokenUnits),
    definition: stack(definingBlock, definingSource, definingUnits),
    huggingFacePrompt: stack(huggingFace.promptBlock, promptSource, promptUnits),
    huggingFaceToken: stack(huggingFace.tokenBlock, tokenSource, tokenUnits),
  };
}
