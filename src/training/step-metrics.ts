import type { Value } from "../core/value.ts";
import { applyUpdates, globalNorm, type GradientTransformation } from "../optim/index.ts";
import { summarizeHashing } from "../reformer/attention/hash-statistics.ts";
import type { Health } from "../reformer/stack/reversible.ts";
import { valueAndGrad } from "../transforms/index.ts";

/** What a pass says of its streams, but for the hashing. */
export const streamHealth = ({ magnitude, badLayer }: Health) => ({ largest: magnitude, badLayer });

/** The same as metrics of a step, with the hashing where a layer of that kind is among the names. */
export const passMetrics = (layers: readonly string[], health: Health) => ({
  health: streamHealth(health),
  ...(layers.some((name) => name.endsWith("lsh")) && { lsh: summarizeHashing(health.hashing) }),
});

/** Parameters, and what the optimiser remembers. */
export interface Learning<Params> {
  readonly params: Params;
  readonly optimizer: unknown;
}

/** One update: all gradients, then all updates; with what the loss tells of its pass. */
export function updateByGradient<Params, Passed extends { readonly health: Health }>(
  optimizer: GradientTransformation,
  layers: readonly string[],
  state: Learning<Params>,
  lossOf: (params: Params) => Passed & { readonly loss: Value },
) {
  const differentiate = valueAndGrad(
    (params: Params): readonly [Value, Omit<Passed, "loss">] => {
      const { loss, ...passed } = lossOf(params);
      return [loss, passed];
    },
    { hasAux: true },
  );
  const [[loss, passed], gradient] = differentiate(state.params);
  // Before the update, which may then write over the gradient.
  const gradientNorm = globalNorm(gradient);
  const [updates, next] = optimizer.update(gradient, state.optimizer, state.params);
  return {
    state: { params: applyUpdates(state.params, updates), optimizer: next },
    metrics: {
      loss,
      gradientNorm,
      ...passMetrics(layers, (passed as Passed).health),
    },
    passed,
  };
}
