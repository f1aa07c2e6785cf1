import { formatAval } from "../../core/aval.ts";
import { ReformaxError, ShapeError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import {
  axialPositions,
  dropout,
  embedding,
  learnedPositions,
  type AxialPositionParams,
  type LearnedPositionParams,
} from "../../nn/index.ts";
import { foldIn } from "../../random/index.ts";
import type { ReformerConfig } from "./config.ts";
import { stackContext, type ContextOptions } from "./context.ts";
import { chunkedLosses, outputLogits } from "../outputs/next-token.ts";
import { buildLayers, type Mode } from "./layers.ts";
import type { EndParams, ReformerLayerParams, ReformerParams } from "./params.ts";
import { meanLoss } from "../outputs/mean-loss.ts";
import {
  reversible,
  type Health,
  type LayerParams,
  type StackContext,
  type StackFunction,
  type Streams,
} from "../stack/reversible.ts";
import { toStream, type StreamDType } from "../stack/stream.ts";

export interface PassOptions {
  readonly mode?: Mode;
  /** Hash rounds; those of the configuration when absent. */
  readonly rounds?: number;
  /** 1 for real tokens, i32[B, L]; padding anywhere never changes a result at a real token. */
  readonly valid?: Value | null;
  /** Takes something away, to see what it is worth. */
  readonly ablation?: Ablation;
}

/**
 * What an ablation takes away: the output of all lsh or all local attention layers, or the meaning of the lsh
 * layers' buckets (every token gets another one's).
 */
export type Ablation = "lsh-output" | "local-output" | "lsh-buckets";

export interface StackResult {
  readonly streams: Streams;
  readonly health: Health;
}

const stacks = new WeakMap<ReformerConfig, Map<Mode, StackFunction>>();

function stackOf(config: ReformerConfig, mode: Mode): StackFunction {
  const modes = stacks.get(config) ?? new Map<Mode, StackFunction>();
  stacks.set(config, modes);
  const known = modes.get(mode);
  if (known) return known;
  const stack = reversible(buildLayers(config, mode));
  modes.set(mode, stack);
  return stack;
}

/** The dtype of the residual streams. */
export const streamDType = (config: ReformerConfig): StreamDType =>
  config.reversible === "exact" ? `q32.${config.fractionBits}` : "f32";

/** Embeddings plus positions, f32[B, L, width]. */
export function embedTokens(config: ReformerConfig, params: EndParams, tokens: Value): Value {
  const [, length] = checkTokens(tokens);
  const vectors = embedding(params.embedding, tokens);
  checkLength(config, length);
  const positions = positionVectors(params.positions, ops.iota("i32", [length], 0));
  return ops.add(vectors, ops.broadcastInDim(positions, vectors.shape, [1, 2]));
}

/** Vectors f32[..., width] of positions i32[...]. */
export const positionVectors = (
  params: AxialPositionParams | LearnedPositionParams,
  positions: Value,
): Value =>
  "tables" in params ? axialPositions(params, positions) : learnedPositions(params, positions);

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
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: PassOptions = {},
): StackResult {
  const layers = ablateOutputs(config, params.layers, options.ablation);
  const embedded = stackInput(config, params, tokens, key, options);
  const context = contextOf(config, tokens, key, options);
  return runLayers(config, layers, embedded, context, modeOf(options));
}

const modeOf = ({ mode }: PassOptions): Mode => mode ?? "evaluation";

/** Embedded tokens with their dropout, f32[B, L, width]: what both streams start as. */
export function stackInput(
  config: ReformerConfig,
  params: EndParams,
  tokens: Value,
  key: Value,
  options: PassOptions,
): Value {
  const embedded = embedTokens(config, params, tokens);
  const rate = modeOf(options) === "training" ? config.dropout : 0;
  return rate > 0 ? dropout(foldIn(key, config.layers.length), rate, embedded) : embedded;
}

/** What the layers read besides their parameters when they run on tokens i32[B, L]. */
export function contextOf(
  config: ReformerConfig,
  tokens: Value,
  key: Value,
  options: PassOptions,
): StackContext {
  const [, length] = checkTokens(tokens);
  const mode = modeOf(options);
  const shuffleBuckets = options.ablation === "lsh-buckets";
  const contextOptions: ContextOptions = { ...options, mode, length, shuffleBuckets };
  return stackContext(config, key, contextOptions);
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
    const silent = { ...attention.parts, output: ops.zerosLike(attention.parts.output) };
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
  return stackOf(config, mode)(layers, { first: stream, second: stream }, context);
}

/**
 * Logits f32[B, L, vocabulary] of the token after each of tokens i32[B, L].
 *
 * @param key - u32[2], what hash rotations and dropout are drawn from
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, logits, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4 }, local: { chunk: 4 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, ...chunks });
 * const params = initParams(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * console.log(logits(config, params, tokens, key(1)).shape); // => [ 1, 8, 11 ]
 */
export function logits(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: PassOptions = {},
): Value {
  const { streams } = runStack(config, params, tokens, key, options);
  return outputLogits(config, params, streams);
}

/**
 * Negative log likelihood in nats of each target, f32[B, L]: `inputs` i32[B, L] are the tokens before the
 * `targets` i32[B, L]; targets below 0 count nothing. The logits exist only in chunks of `lossChunk` rows.
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, reformerConfig, tokenLosses } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4 }, local: { chunk: 4 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, ...chunks });
 * const params = initParams(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const targets = array([[1, 4, 1, 5, 9, 2, 6, -1]], "i32");
 * const { losses } = tokenLosses(config, params, tokens, targets, key(1));
 * console.log(losses.shape, losses.dataSync()[7]); // => [ 1, 8 ] 0
 */
export function tokenLosses(
  config: ReformerConfig,
  params: ReformerParams,
  inputs: Value,
  targets: Value,
  key: Value,
  options: PassOptions = {},
): { readonly losses: Value; readonly health: Health } {
  const { streams, health } = runStack(config, params, inputs, key, options);
  return { losses: chunkedLosses(config, params, streams, targets), health };
}

/**
 * Mean of {@link tokenLosses} over the targets that count, f32[].
 * @example
 * import { grad, init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, loss, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4 }, local: { chunk: 4 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, ...chunks });
 * const params = initParams(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const targets = array([[1, 4, 1, 5, 9, 2, 6, 5]], "i32");
 * const mode = "training";
 * const lossOf = (p: typeof params) => loss(config, p, tokens, targets, key(1), { mode }).loss;
 * console.log(lossOf(params).item() > 1, grad(lossOf)(params).head.bias.shape); // => true [ 11 ]
 */
export function loss(
  config: ReformerConfig,
  params: ReformerParams,
  inputs: Value,
  targets: Value,
  key: Value,
  options: PassOptions = {},
): { readonly loss: Value; readonly health: Health } {
  const { streams, health } = runStack(config, params, inputs, key, options);
  return { loss: meanLoss(config, params, streams, targets), health };
}

function checkTokens(tokens: Value): readonly [number, number] {
  if (tokens.dtype !== "i32" || tokens.shape.length !== 2) {
    throw new ShapeError("tokens must be a batch of sequences", {
      where: "reformer",
      expected: "i32[batch, length]",
      got: formatAval(tokens.aval),
    });
  }
  return [tokens.shape[0], tokens.shape[1]];
}

/**
 * Throws unless a sequence of this length has positions.
 * @example
 * import { checkLength, reformerConfig } from "reformax/reformer";
 * checkLength(reformerConfig({ positions: { kind: "learned", length: 64 } }), 64);
 */
export function checkLength({ positions }: ReformerConfig, length: number): void {
  const longest =
    positions.kind === "axial" ? positions.shape.reduce((a, b) => a * b, 1) : positions.length;
  if (length > 0 && length <= longest) return;
  throw new ReformaxError("the sequence does not fit the positions", {
    where: "reformer",
    expected: `1 to ${longest} tokens`,
    got: String(length),
  });
}
