/** Masked language models: `masked.logits`, `masked.loss` and what goes with them. */
import type { Value } from "../../core/value.ts";
import type { CrossEntropyOptions } from "../../nn/index.ts";
import type { GradientTransformation } from "../../optim/index.ts";
import { likeliestTokens } from "../outputs/likeliest-tokens.ts";
import { meanLoss } from "../outputs/mean-loss.ts";
import { chunkedLosses, outputLogits, type OutputParams } from "../outputs/next-token.ts";
import { checkConfig } from "./check-config.ts";
import { checkPass, checkTargets, splitLossOptions } from "./check-pass.ts";
import type { ReformerConfig } from "./config.ts";
import { updateTokens } from "./loss-and-update.ts";
import type { LossOptions, MeanLoss, TokenLosses } from "./language-model.ts";
import type { ReformerParams } from "./params.ts";
import { requireFull } from "./requirements.ts";
import { passThrough, type PassOptions } from "./run-stack.ts";
import type { UpdateStep } from "./update-through.ts";

/**
 * Logits f32[B, L, vocabulary] of the token at each position of i32[B, L], of which some are hidden.
 *
 * @param key - u32[2], what hash rotations and dropout are drawn from
 * @throws ReformaxError for a model with the mask `causal`
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, masked, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = initParams(config, key(0));
 * const inputs = array([[3, 10, 4, 1, 5, 10, 2, 6]], "i32");
 * console.log(masked.logits(config, params, inputs, key(1)).shape); // => [ 1, 8, 11 ]
 */
export function logits(
  config: ReformerConfig,
  params: ReformerParams,
  inputs: Value,
  key: Value,
  options: PassOptions = {},
): Value {
  const where = "masked.logits";
  checkPass({ config, params, tokens: ["inputs", inputs], key, options }, where);
  requireFull(config, where);
  const { streams } = passThrough(config, params, inputs, key, options, where);
  return outputLogits(config, params, streams);
}

/** What is found again of hidden tokens. */
export interface FoundTokens extends TokenLosses {
  /** The likeliest token of each position, i32[B, L]. */
  readonly tokens: Value;
}

/**
 * Negative log likelihood in nats of each target, f32[B, L], and the likeliest tokens, for measuring: `inputs` and `targets`
 * i32[B, L] as `maskTokens` gives them; targets below 0 count nothing. Logits exist only in chunks of `lossChunk` rows.
 *
 * @throws ReformaxError for a model with the mask `causal`
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, masked, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = initParams(config, key(0));
 * const inputs = array([[3, 10, 4, 1, 5, 10, 2, 6]], "i32");
 * const targets = array([[-1, 1, -1, -1, -1, 9, -1, -1]], "i32");
 * const { losses, tokens } = masked.find(config, params, inputs, targets, key(1));
 * console.log(losses.dataSync()[0], losses.dataSync()[1] > 0, tokens.shape); // => 0 true [ 1, 8 ]
 */
export function find(
  config: ReformerConfig,
  params: ReformerParams,
  inputs: Value,
  targets: Value,
  key: Value,
  options: PassOptions = {},
): FoundTokens {
  const where = "masked.find";
  checkPass({ config, params, tokens: ["inputs", inputs], key, options }, where);
  checkTargets(targets, inputs, where);
  requireFull(config, where);
  const { streams, ...passed } = passThrough(config, params, inputs, key, options, where);
  const losses = chunkedLosses(config, params, streams, targets);
  return { ...passed, losses, tokens: likeliestTokens(config, params, streams) };
}

/**
 * Mean negative log likelihood in nats of the targets that are not below 0, f32[]: of the tokens that `maskTokens` hid.
 *
 * @throws ReformaxError for a model with the mask `causal`
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, maskTokens, masked, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = initParams(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const { inputs, targets } = maskTokens(key(1), tokens, { maskToken: 10, vocabulary: 10, rate: 0.5 });
 * console.log(masked.loss(config, params, inputs, targets, key(2)).loss.item() > 1); // => true
 */
export function loss(
  config: ReformerConfig,
  params: ReformerParams,
  inputs: Value,
  targets: Value,
  key: Value,
  options: LossOptions = {},
): MeanLoss {
  const where = "masked.loss";
  const { pass, smoothing } = splitLossOptions(options, where);
  checkPass({ config, params, tokens: ["inputs", inputs], key, options: pass }, where);
  checkTargets(targets, inputs, where);
  requireFull(config, where);
  const { streams, ...passed } = passThrough(config, params, inputs, key, pass, where);
  return { ...passed, loss: meanLoss(config, params, streams, targets, smoothing) };
}

/**
 * One training step in which the layers are updated inside the reverse sweep, as `lossAndUpdate` makes it for the next token.
 *
 * @throws ReformaxError for a model with the mask `causal`
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { sgd } from "reformax/optim";
 * import { initParams, initUpdateState, masked, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = initParams(config, key(0));
 * const inputs = array([[3, 10, 4, 1, 5, 10, 2, 6]], "i32");
 * const targets = array([[-1, 1, -1, -1, -1, 9, -1, -1]], "i32");
 * const step = masked.lossAndUpdate(config, sgd(0.1));
 * const first = step(initUpdateState(sgd(0.1), params), inputs, targets, key(1));
 * const second = step(first.state, inputs, targets, key(1));
 * console.log(second.loss.item() < first.loss.item()); // => true
 */
export function lossAndUpdate(
  config: ReformerConfig,
  optimizer: GradientTransformation,
  smoothing: CrossEntropyOptions = {},
): UpdateStep<OutputParams, Value> {
  const where = "masked.lossAndUpdate";
  checkConfig(config, where);
  requireFull(config, where);
  return updateTokens(config, optimizer, smoothing, where);
}
