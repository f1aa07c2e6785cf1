import type { Value } from "../../core/value.ts";
import type { CrossEntropyOptions } from "../../nn/index.ts";
import { meanLoss } from "../outputs/mean-loss.ts";
import { chunkedLosses, outputLogits } from "../outputs/next-token.ts";
import { checkPass, checkTargets, splitLossOptions } from "./check-pass.ts";
import type { ReformerConfig } from "./config.ts";
import type { ReformerParams } from "./params.ts";
import { requireCausal } from "./requirements.ts";
import { passThrough, type PassOptions, type StackResult } from "./run-stack.ts";

/**
 * Logits f32[B, L, vocabulary] of the token after each of tokens i32[B, L].
 *
 * @param key - u32[2], what hash rotations and dropout are drawn from
 * @throws ReformaxError for a model with the mask `full`: it would see the token that it is to predict
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
  checkPass({ config, params, tokens: ["tokens", tokens], key, options }, "logits");
  requireCausal(config, "logits");
  const { streams } = passThrough(config, params, tokens, key, options, "logits");
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
): TokenLosses {
  const where = "tokenLosses";
  checkPass({ config, params, tokens: ["inputs", inputs], key, options }, where);
  checkTargets(targets, inputs, where);
  requireCausal(config, where);
  const { streams, ...passed } = passThrough(config, params, inputs, key, options, where);
  return { ...passed, losses: chunkedLosses(config, params, streams, targets) };
}

/** What a pass of the layers tells besides its streams. */
type Passed = Omit<StackResult, "streams">;

export interface TokenLosses extends Passed {
  /** f32[B, L] */
  readonly losses: Value;
}

export interface MeanLoss extends Passed {
  /** f32[] */
  readonly loss: Value;
}

/** Options of a pass, and of the loss that it ends in. */
export interface LossOptions extends PassOptions, CrossEntropyOptions {}

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
  options: LossOptions = {},
): MeanLoss {
  const where = "loss";
  const { pass, smoothing } = splitLossOptions(options, where);
  checkPass({ config, params, tokens: ["inputs", inputs], key, options: pass }, where);
  checkTargets(targets, inputs, where);
  requireCausal(config, where);
  const { streams, ...passed } = passThrough(config, params, inputs, key, pass, where);
  return { ...passed, loss: meanLoss(config, params, streams, targets, smoothing) };
}
