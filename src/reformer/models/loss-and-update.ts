import type { Value } from "../../core/value.ts";
import type { CrossEntropyOptions } from "../../nn/index.ts";
import type { GradientTransformation } from "../../optim/index.ts";
import { meanLoss } from "../outputs/mean-loss.ts";
import type { OutputParams } from "../outputs/next-token.ts";
import { checkConfig } from "./check-config.ts";
import { checkSmoothing, checkTargets } from "./check-pass.ts";
import type { ReformerConfig } from "./config.ts";
import { requireCausal } from "./requirements.ts";
import { updateOutput, type UpdateStep } from "./update-through.ts";

/**
 * One training step of a Reformer language model in which the layers are updated inside the reverse sweep: see
 * {@link valueAndUpdate}. `inputs` and `targets` are as for `loss`.
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { sgd } from "reformax/optim";
 * import { initParams, initUpdateState, lossAndUpdate, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4 }, local: { chunk: 4 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, ...chunks });
 * const params = initParams(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const optimizer = sgd(0.1);
 * const step = lossAndUpdate(config, optimizer);
 * const targets = array([[1, 4, 1, 5, 9, 2, 6, 5]], "i32");
 * let state = initUpdateState(optimizer, params);
 * const first = step(state, tokens, targets, key(1));
 * state = first.state;
 * console.log(step(state, tokens, targets, key(1)).loss.item() < first.loss.item()); // => true
 */
export function lossAndUpdate(
  config: ReformerConfig,
  optimizer: GradientTransformation,
  smoothing: CrossEntropyOptions = {},
): UpdateStep<OutputParams, Value> {
  const where = "lossAndUpdate";
  checkConfig(config, where);
  requireCausal(config, where);
  return updateTokens(config, optimizer, smoothing, where);
}

/** The same for models of either mask. */
export function updateTokens(
  config: ReformerConfig,
  optimizer: GradientTransformation,
  smoothing: CrossEntropyOptions,
  where: string,
): UpdateStep<OutputParams, Value> {
  checkSmoothing(smoothing, where);
  return updateOutput(config, optimizer, {
    where,
    head: "own",
    check: ({ inputs, targets }) => void checkTargets(targets, inputs, where),
    lossAbove: (ends, streams, targets) => meanLoss(config, ends, streams, targets, smoothing),
  });
}
