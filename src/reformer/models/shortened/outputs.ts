import { checkKind } from "../../../core/arguments.ts";
import type { Value } from "../../../core/value.ts";
import {
  dense,
  softmaxCrossEntropy,
  type CrossEntropyOptions,
  type DenseParams,
} from "../../../nn/index.ts";
import { reshape } from "../../../numpy/index.ts";
import { checkpoint } from "../../../transforms/index.ts";
import { sizeOf } from "../../../core/shape.ts";
import { meanOver } from "../../outputs/counted-mean.ts";
import { allRows, flattenRows, scanRows } from "../../row-chunks.ts";
import type { Health } from "../../stack/reversible.ts";
import { checkTargets } from "../check-pass.ts";
import type { ShortenedConfig } from "./config.ts";
import type { ShortenedParams } from "./params.ts";
import { vectorsOf, type ShortenedOptions } from "./passes.ts";

/**
 * Logits f32[B, L, vocabulary] of the token after each of tokens i32[B, L]; no later token changes them.
 *
 * @param key - u32[2], what hash rotations and dropout are drawn from
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { shortened } from "reformax/reformer";
 * await init();
 * const config = shortened.config({ vocabulary: 11, width: 16, shorten: { factor: 2 } });
 * const params = shortened.init(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5]], "i32");
 * console.log(shortened.logits(config, params, tokens, key(1)).shape); // => [ 1, 5, 11 ]
 */
export function logits(
  config: ShortenedConfig,
  params: ShortenedParams,
  tokens: Value,
  key: Value,
  options: ShortenedOptions = {},
): Value {
  const { vectors } = vectorsOf(config, params, tokens, key, options, "shortened.logits");
  return dense(params.output, vectors);
}

export interface ShortenedLosses {
  /** f32[B, L]; 0 where a target counts nothing. */
  readonly losses: Value;
  readonly health: Health;
}

/**
 * Negative log likelihood in nats of each target, f32[B, L]: `inputs` i32[B, L] are the tokens before the `targets` i32[B, L], of which those
 * below 0 count nothing. Logits exist only in chunks of `lossChunk` rows.
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { shortened } from "reformax/reformer";
 * await init();
 * const config = shortened.config({ vocabulary: 11, width: 16, shorten: { factor: 2 } });
 * const params = shortened.init(config, key(0));
 * const [inputs, targets] = [array([[3, 1, 4, 1]], "i32"), array([[1, 4, 1, -1]], "i32")];
 * const { losses } = shortened.tokenLosses(config, params, inputs, targets, key(1));
 * console.log(losses.dataSync()[0] > 0, losses.dataSync()[3]); // => true 0
 */
export const tokenLosses = (
  config: ShortenedConfig,
  params: ShortenedParams,
  inputs: Value,
  targets: Value,
  key: Value,
  options: ShortenedOptions & CrossEntropyOptions = {},
): ShortenedLosses =>
  lossesOf(config, params, { inputs, targets }, key, options, "shortened.tokenLosses");

function lossesOf(
  config: ShortenedConfig,
  params: ShortenedParams,
  { inputs, targets }: { readonly inputs: Value; readonly targets: Value },
  key: Value,
  given: ShortenedOptions & CrossEntropyOptions,
  where: string,
): ShortenedLosses {
  const { labelSmoothing, ...options } = checkKind(given, "object", "options", where);
  const { vectors, health } = vectorsOf(config, params, inputs, key, options, where, "inputs");
  checkTargets(targets, inputs, where);
  const ofChunk = checkpoint((output: DenseParams, x: Value, labels: Value): Value =>
    softmaxCrossEntropy(dense(output, x), labels, { labelSmoothing }),
  );
  const [, losses] = scanRows<null, readonly [Value, Value], Value>(
    (_, [x, labels]) => [null, ofChunk(params.output, x, labels)],
    null,
    [flattenRows(vectors), reshape(targets, [sizeOf(targets.shape)])],
    { chunk: config.lossChunk ?? allRows },
  );
  return { losses: reshape(losses, targets.shape), health };
}

export interface ShortenedLoss {
  /** f32[] */
  readonly loss: Value;
  readonly health: Health;
}

/**
 * Mean of {@link tokenLosses} over the targets that count, f32[].
 *
 * @example
 * import { grad, init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { shortened } from "reformax/reformer";
 * await init();
 * const config = shortened.config({ vocabulary: 11, width: 16, shorten: { factor: 2 } });
 * const params = shortened.init(config, key(0));
 * const [inputs, targets] = [array([[3, 1, 4, 1]], "i32"), array([[1, 4, 1, 5]], "i32")];
 * const lossOf = (p: typeof params) =>
 *   shortened.loss(config, p, inputs, targets, key(1), { mode: "training" }).loss;
 * console.log(lossOf(params).item() > 1, grad(lossOf)(params).shorten.kernel.shape); // => true [ 32, 16 ]
 */
export function loss(
  config: ShortenedConfig,
  params: ShortenedParams,
  inputs: Value,
  targets: Value,
  key: Value,
  options: ShortenedOptions & CrossEntropyOptions = {},
): ShortenedLoss {
  const texts = { inputs, targets };
  const { losses, health } = lossesOf(config, params, texts, key, options, "shortened.loss");
  return { loss: meanOver(losses, targets), health };
}
