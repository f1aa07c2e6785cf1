import { synchronize } from "../../src/backend-lifetime.ts";
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
import { jit, valueAndGrad, type Lowered } from "../../src/transforms/index.ts";
import { plainLogits } from "../plain/network.ts";
import { kinds, modelOf, type Case, type MemorySettings } from "./settings.ts";

/** The step of a case, and what it is called with. */
export interface CaseStep {
  readonly params: ReformerParams;
  readonly lower: () => Lowered;
  /** Runs it. */
  readonly run: () => Promise<void>;
}

/** A loss and its gradient, for one sequence. */
export function stepOf(settings: MemorySettings, what: Case): CaseStep {
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
  return {
    params,
    lower: () => step.lower(params, tokens, key(1)),
    run: async () => {
      step(params, tokens, key(1));
      await synchronize();
    },
  };
}

/** What it will need, bytes and operations: known before it runs, so that nothing is run. */
export function planStep(
  settings: MemorySettings,
  what: Case,
): { peak: number; parameters: number; flops: number } {
  const { params, lower } = stepOf(settings, what);
  const { peakBytes, flops } = lower().report;
  const parameters = leaves(params).reduce<number>(
    (sum, leaf) => sum + 4 * sizeOf((leaf as Value).shape),
    0,
  );
  return { peak: peakBytes, parameters, flops };
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
