import { checkFunction, checkPartsOf, checkRecord } from "../../core/arguments.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { bucketLength } from "./context.ts";
import { add, array } from "../../numpy/index.ts";
import { applyUpdates, type GradientTransformation } from "../../optim/index.ts";
import { checkOptimizer } from "../../optim/transformation.ts";
import { checkLeaves } from "../../transforms/flat-function.ts";
import { vjp } from "../../transforms/index.ts";
import { checkConfig } from "./check-config.ts";
import { checkStep } from "./check-pass.ts";
import type { ReformerConfig } from "./config.ts";
import { trimStreams } from "./common-length.ts";
import { bucketsOf, type HashBuckets } from "./hash-buckets.ts";
import { contextOf, stackInput, streamDType, type PassOptions } from "./run-stack.ts";
import type { EndParams, ReformerParams } from "./params.ts";
import { buildLayers } from "./layers.ts";
import type { OutputParams } from "../outputs/next-token.ts";
import type { Health, Streams } from "../stack/reversible-layer.ts";
import { requireReversible } from "./requirements.ts";
import { requireUntied } from "./tied-layers.ts";
import { allRows } from "../row-chunks.ts";
import { toStream } from "../stack/stream.ts";
import { checkLayerStates, selectTree, valueAndUpdate } from "../stack/value-and-update.ts";

/** Parameters with the optimiser's state of every layer, and of what stands below and above them. */
export interface UpdateState<Head = OutputParams> {
  readonly params: ReformerParams<Head>;
  readonly optimizer: { readonly layers: readonly unknown[]; readonly ends: unknown };
}

export interface LossAndUpdate<Head = OutputParams> {
  /** Mean loss before the update, in nats unless it is another output's: f32[]. */
  readonly loss: Value;
  readonly health: Health;
  /** The buckets that were used. */
  readonly buckets: HashBuckets;
  readonly state: UpdateState<Head>;
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
export const initUpdateState = <Head = OutputParams>(
  optimizer: GradientTransformation,
  params: ReformerParams<Head>,
): UpdateState<Head> => {
  const where = "initUpdateState";
  checkOptimizer(optimizer, "optimizer", where);
  checkPartsOf(params, modelParts, "params", where);
  checkLeaves(params, "params", where);
  return {
    params,
    optimizer: {
      layers: params.layers.map((layer) => optimizer.init(layer)),
      ends: optimizer.init(endsOf(params)),
    },
  };
};

const modelParts = { embedding: "object", positions: "any", layers: "list", head: "any" } as const;

const endsOf = <Head>({ embedding, positions, head }: ReformerParams<Head>): EndParams<Head> => ({
  embedding,
  positions,
  head,
});

/** What a step of {@link updateThrough} may be told. */
export type UpdateOptions = Omit<PassOptions, "mode" | "ablation">;

/** One step: the next state and what is to be known of it. */
export type UpdateStep<Head, Targets> = (
  state: UpdateState<Head>,
  inputs: Value,
  targets: Targets,
  key: Value,
  options?: UpdateOptions,
) => LossAndUpdate<Head>;

/** The loss of an output, f32[], from the parameters at both ends and the streams at the top. */
export type LossAbove<Head, Targets> = (
  ends: EndParams<Head>,
  streams: Streams,
  targets: Targets,
  pass: { readonly key: Value; readonly valid: Value | null },
) => Value;

/** What a step was given, for checks that only the output knows. */
interface StepGiven<Head, Targets> {
  readonly params: ReformerParams<Head>;
  readonly inputs: Value;
  readonly targets: Targets;
}

/** An output that is trained. */
export interface TrainedOutput<Head, Targets> {
  readonly lossAbove: LossAbove<Head, Targets>;
  /** The name of the public function. */
  readonly where: string;
  /** Whether it has the parameters that the configuration gives it, or others, which `check` knows. */
  readonly head: "own" | "any";
  /** Throws where targets, or the output's own parameters, do not fit. */
  readonly check: (given: StepGiven<Head, Targets>) => void;
}

/**
 * One training step of a Reformer with any output in which the layers are updated inside the reverse sweep: see
 * {@link valueAndUpdate}.
 *
 * @param lossAbove - the output's loss
 * @example
 * import { init } from "reformax";
 * import { array, mean, square } from "reformax/numpy";
 * import { fromFixed } from "reformax/lax";
 * import { key } from "reformax/random";
 * import { sgd } from "reformax/optim";
 * import { initParams, initUpdateState, reformerConfig, updateThrough } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4 }, local: { chunk: 4 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, ...chunks });
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const step = updateThrough(config, sgd(0.01), (_, { first }) => mean(square(fromFixed(first))));
 * const before = step(initUpdateState(sgd(0.01), initParams(config, key(0))), tokens, null, key(1));
 * const after = step(before.state, tokens, null, key(1));
 * console.log(after.loss.item() < before.loss.item()); // => true
 */
export function updateThrough<Head, Targets>(
  config: ReformerConfig,
  optimizer: GradientTransformation,
  lossAbove: LossAbove<Head, Targets>,
): UpdateStep<Head, Targets> {
  const where = "updateThrough";
  checkConfig(config, where);
  checkFunction(lossAbove, "lossAbove", where);
  return updateOutput(config, optimizer, {
    lossAbove,
    where,
    head: "any",
    check: () => undefined,
  });
}

/** {@link updateThrough} for outputs of the library. */
export function updateOutput<Head, Targets>(
  config: ReformerConfig,
  optimizer: GradientTransformation,
  { lossAbove, where, head, check }: TrainedOutput<Head, Targets>,
): UpdateStep<Head, Targets> {
  checkConfig(config, where);
  checkOptimizer(optimizer, "optimizer", where);
  requireReversible(config, where);
  requireUntied(config, where);
  const chunk = config.lossChunk ?? allRows;
  const step = valueAndUpdate(buildLayers(config, "training"), optimizer, { chunk });

  return (state, inputs, targets, key, options = {}) => {
    checkRecord(state, { params: "object", optimizer: "object" }, "state", where);
    const { params, optimizer: states } = state;
    checkRecord(states, { layers: "list", ends: "any" }, "state.optimizer", where);
    checkStep({ config, params, head, tokens: ["inputs", inputs], key, options }, where);
    check({ params, inputs, targets });
    const layers = { params: params.layers, optimizer: states.layers };
    checkLayerStates(layers, config.layers.length, where);
    const training = { ...options, mode: "training" } as const;
    const ends = endsOf(params);
    const pass = { key, valid: options.valid ?? null };
    const below = (p: EndParams<Head>): Value => stackInput(config, p, inputs, key, training);
    const above = (p: EndParams<Head>, streams: Streams): Value =>
      lossAbove(p, trimStreams(streams, inputs.shape[1]), targets, pass);
    const [embedded, pullBelow] = vjp(below, ends);
    const stream = toStream(embedded, streamDType(config));
    const swept = step(
      layers,
      { first: stream, second: stream },
      contextOf(config, inputs, key, training, where),
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
      buckets: bucketsOf(swept.saved, bucketLength(config, inputs.shape[1], options.keys)),
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
