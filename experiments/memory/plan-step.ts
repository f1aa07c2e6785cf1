import { sizeOf } from "../../src/core/shape.ts";
import { leaves } from "../../src/core/tree.ts";
import type { Value } from "../../src/core/value.ts";
import { softmaxCrossEntropy } from "../../src/nn/index.ts";
import { mean, reshape, zeros } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  initParams,
  loss,
  type ReformerConfig,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import { jit, valueAndGrad } from "../../src/transforms/index.ts";
import { plainLogits } from "../plain/network.ts";
import { kinds, modelOf, type Case, type MemorySettings } from "./settings.ts";

/** What computing a loss and its gradient will need, bytes: known before it runs, so that nothing is run. */
export function planStep(
  settings: MemorySettings,
  what: Case,
): { peak: number; parameters: number } {
  const model = modelOf(settings, what);
  const params = initParams(model, key(0));
  const tokens = zeros([1, what.length], "i32");
  const step = jit((given: ReformerParams, inputs: Value, random: Value) =>
    valueAndGrad((p: ReformerParams) =>
      kinds[what.kind].plain
        ? plainLoss(model, p, inputs)
        : loss(model, p, inputs, inputs, random, { mode: "training" }).loss,
    )(given),
  );
  const { peakBytes } = step.lower(params, tokens, key(1)).report;
  const parameters = leaves(params).reduce<number>(
    (sum, leaf) => sum + 4 * sizeOf((leaf as Value).shape),
    0,
  );
  return { peak: peakBytes, parameters };
}

/** The mean loss of the network that stores its matrices of L x L. */
function plainLoss(model: ReformerConfig, params: ReformerParams, tokens: Value): Value {
  const scale = 1 / Math.sqrt(model.headWidth);
  const logits = plainLogits(model, params, tokens, { selfMask: false, scale });
  const [batch, length] = tokens.shape;
  const rows = batch * length;
  return mean(
    softmaxCrossEntropy(reshape(logits, [rows, model.vocabulary]), reshape(tokens, [rows])),
  );
}
