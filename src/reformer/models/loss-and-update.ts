import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { add, array } from "../../numpy/index.ts";
import { applyUpdates, type GradientTransformation } from "../../optim/index.ts";
import { vjp } from "../../transforms/index.ts";
import type { ReformerConfig } from "./config.ts";
import { bucketsOf, type HashBuckets } from "./hash-buckets.ts";
import { contextOf, stackInput, streamDType, type PassOptions } from "./run-stack.ts";
import { requireCausal, requireReversible } from "./requirements.ts";
import type { EndParams, ReformerParams } from "./params.ts";
import { buildLayers } from "./layers.ts";
import { meanLoss } from "../outputs/mean-loss.ts";
import type { Health, Streams } from "../stack/reversible-layer.ts";
import { allRows } from "../row-chunks.ts";
import { toStream } from "../stack/stream.ts";
import { selectTree, valueAndUpdate } from "../stack/value-and-update.ts";

/** Parameters with the optimiser's state of every layer, and of what stands below and above them. */
export interface UpdateState {
  readonly params: ReformerParams;
  readonly optimizer: { readonly layers: readonly unknown[]; readonly ends: unknown };
}

export interface LossAndUpdate {
  /** Mean negative log likelihood in nats before the update, f32[]. */
  readonly loss: Value;
  readonly health: Health;
  /** The buckets that were used. */
  readonly buckets: HashBuckets;
  readonly state: UpdateState;
  /** Whether loss and streams were finite, so that the update took place: bool[]. */
  readonly updated: Value;
  /** Hashes, u32[2], of the streams below the layers in the forward pass and as the sweep rebuilt them. */
  readonly bottom: { readonly forward: Value; readonly rebuilt: Value };
}

/**
 * The state before the first step.
 * @example
 * import { key } from "reformax/random";
 * import { sgd } from "reformax/optim";
 * import { initParams, initUpdateState, reformerConfig } from "reformax/reformer";
 * const state = initUpdateState(sgd(0.1), initParams(reformerConfig({ width: 16 }), key(0)));
 * console.log(state.optimizer.layers.length); // => 2
 */
export const initUpdateState = (
  optimizer: GradientTransformation,
  params: ReformerParams,
): UpdateState => ({
  params,
  optimizer: {
    layers: params.layers.map((layer) => optimizer.init(layer)),
    ends: optimizer.init(endsOf(params)),
  },
});

const endsOf = ({ embedding, positions, head }: ReformerParams): EndParams => ({
  embedding,
  positions,
  head,
});

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
export function lossAndUpdate(config: ReformerConfig, optimizer: GradientTransformation) {
  requireCausal(config, "lossAndUpdate");
  requireReversible(config, "lossAndUpdate");
  const chunk = config.lossChunk ?? allRows;
  const step = valueAndUpdate(buildLayers(config, "training"), optimizer, { chunk });

  return (
    { params, optimizer: states }: UpdateState,
    inputs: Value,
    targets: Value,
    key: Value,
    options: Omit<PassOptions, "mode" | "ablation"> = {},
  ): LossAndUpdate => {
    const training = { ...options, mode: "training" } as const;
    const ends = endsOf(params);
    const below = (p: EndParams): Value => stackInput(config, p, inputs, key, training);
    const above = (p: EndParams, streams: Streams): Value => meanLoss(config, p, streams, targets);
    const [embedded, pullBelow] = vjp(below, ends);
    const stream = toStream(embedded, streamDType(config));
    const swept = step(
      { params: params.layers, optimizer: states.layers },
      { first: stream, second: stream },
      contextOf(config, inputs, key, training),
      (streams) => {
        const [value, pullAbove] = vjp(above, ends, streams);
        const [aux, cotangent] = pullAbove(array(1));
        return { value, cotangent, aux };
      },
    );
    const { cotangent, aux, updated } = swept;
    const [dBelow] = pullBelow(add(cotangent.first, cotangent.second));
    const gradient = tree.map((a: Value, b: Value) => add(a, b), aux, dBelow);
    const [updates, nextEnds] = optimizer.update(gradient, states.ends, ends);
    const [keptEnds, keptStates] = selectTree(
      updated,
      [applyUpdates(ends, updates), nextEnds],
      [ends, states.ends],
    );
    return {
      loss: swept.value,
      health: swept.health,
      buckets: bucketsOf(swept.saved, inputs.shape[1]),
      state: {
        params: {
          ...keptEnds,
          layers: swept.layers.params,
        },
        optimizer: { layers: swept.layers.optimizer, ends: keptStates },
      },
      updated,
      bottom: swept.bottom,
    };
  };
}
