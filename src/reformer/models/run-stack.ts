import type { Value } from "../../core/value.ts";
import { dropout } from "../../nn/index.ts";
import { full, zerosLike } from "../../numpy/index.ts";
import { foldIn } from "../../random/index.ts";
import { padTokens, padValid } from "../attention/token-padding.ts";
import type { Health, LayerParams, StackContext, Streams } from "../stack/reversible.ts";
import { toStream, type StreamDType } from "../stack/stream.ts";
import { checkPass } from "./check-pass.ts";
import type { Ablation, PassOptions } from "./pass-options.ts";
import type { ReformerConfig } from "./config.ts";
import { commonLength, trimStreams } from "./common-length.ts";
import { bucketsOf, trimBuckets, withBuckets, type HashBuckets } from "./hash-buckets.ts";
import type { SharedContext } from "../blocks/attention-params.ts";
import {
  bucketLength,
  keyCount,
  drawContext,
  type ContextOptions,
  type ReformerContext,
} from "./context.ts";
import { stackOf, type Mode } from "./layers.ts";
import type { BodyParams, InputParams, ReformerLayerParams } from "./params.ts";
export type { Ablation, PassOptions } from "./pass-options.ts";
import { untiedLayers } from "./tied-layers.ts";
import { checkTokens, embedTokens } from "./token-vectors.ts";

export interface StackResult {
  readonly streams: Streams;
  readonly health: Health;
  /** The buckets that were used. */
  readonly buckets: HashBuckets;
}

/** The dtype of the residual streams. */
export const streamDType = (config: ReformerConfig): StreamDType =>
  config.reversible === "exact" ? `q32.${config.fractionBits}` : "f32";

/**
 * Both residual streams at the top of the stack for tokens i32[B, L].
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, reformerConfig, runStack } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4 }, local: { chunk: 4 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, ...chunks });
 * const params = initParams(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const { streams, health } = runStack(config, params, tokens, key(1));
 * console.log(streams.first.dtype, streams.first.shape, health.badLayer.item());
 * // => q32.20 [ 1, 8, 16 ] -1
 */
export function runStack(
  config: ReformerConfig,
  params: BodyParams,
  tokens: Value,
  key: Value,
  options: PassOptions = {},
): StackResult {
  checkPass({ config, params, head: "any", tokens: ["tokens", tokens], key, options }, "runStack");
  return passThrough(config, params, tokens, key, options, "runStack");
}

/** {@link runStack} for callers that have checked what they were given. */
export function passThrough(
  config: ReformerConfig,
  params: BodyParams,
  tokens: Value,
  key: Value,
  options: PassOptions,
  where: string,
): StackResult {
  const layers = ablateOutputs(config, untiedLayers(config, params.layers), options.ablation);
  const embedded = stackInput(config, params, tokens, key, options);
  const context = contextOf(config, tokens, key, options, where);
  const { streams, health, buckets } = runLayers(
    config,
    layers,
    embedded,
    context,
    modeOf(options),
  );
  const [, length] = tokens.shape;
  const ofTokens = trimBuckets(buckets, bucketLength(config, length, options.keys));
  return { streams: trimStreams(streams, length), health, buckets: ofTokens };
}

const modeOf = ({ mode }: PassOptions): Mode => mode ?? "evaluation";

/** Embedded tokens with their dropout, f32[B, common length, width], zeros behind them: what both streams start as. */
export function stackInput(
  config: ReformerConfig,
  params: InputParams,
  tokens: Value,
  key: Value,
  options: PassOptions,
): Value {
  const embedded = embedTokens(config, params, tokens);
  const rate = modeOf(options) === "training" ? config.dropout : 0;
  const kept = rate > 0 ? dropout(foldIn(key, config.layers.length), rate, embedded) : embedded;
  return padTokens(kept, commonLength(config, tokens.shape[1]));
}

/** What the layers read besides their parameters when they run on tokens i32[B, L]. */
export function contextOf(
  config: ReformerConfig,
  tokens: Value,
  key: Value,
  options: PassOptions,
  where: string,
): ReformerContext {
  const [batch, given] = checkTokens(tokens);
  const length = commonLength(config, given);
  const mode = modeOf(options);
  const shuffleBuckets = options.ablation === "lsh-buckets";
  const all = options.valid ?? (length === given ? null : full([batch, given], 1, "i32"));
  const valid = all && padValid(all, tokens, length);
  const contextOptions: ContextOptions = {
    ...options,
    valid,
    mode,
    batch,
    length,
    shuffleBuckets,
  };
  const context = drawContext(config, key, contextOptions);
  if (!options.buckets) return context;
  const count = bucketLength(config, given, options.keys);
  return withBuckets(context, options.buckets, { batch, length: count }, where);
}

/** The layers with output projections of zero where the ablation silences them. */
function ablateOutputs(
  config: ReformerConfig,
  layers: readonly ReformerLayerParams[],
  ablation: Ablation | undefined,
): readonly ReformerLayerParams[] {
  return layers.map((layer, i) => {
    if (ablation !== `${config.layers[i]}-output`) return layer;
    const attention = layer.f;
    const silent = { ...attention.parts, output: zerosLike(attention.parts.output) };
    return { ...layer, f: { ...attention, parts: silent } };
  });
}

/** The stack on embedded tokens f32[B, L, width]: both streams start as these. */
export function runLayers(
  config: ReformerConfig,
  layers: readonly LayerParams[],
  embedded: Value,
  context: StackContext,
  mode: Mode,
): StackResult {
  const stream = toStream(embedded, streamDType(config));
  const { streams, health, saved } = stackOf(config, mode).run(
    layers,
    { first: stream, second: stream },
    context,
  );
  const { keys } = context.shared as SharedContext;
  const count = keyCount(config, { length: embedded.shape[1], keys });
  return { streams, health, buckets: bucketsOf(saved, count) };
}
