import { checkNumber, checkOptions } from "../core/arguments.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { add, multiply } from "../numpy/arithmetic.ts";
import { averageUpdates, checkDecay } from "./average.ts";
import { addDecayedWeights, type DecayMask } from "./decay.ts";
import { scaleByFactoredRms, type FactoredOptions } from "./factored-rms.ts";
import { rootMeanSquare } from "./root-mean-square.ts";
import { scaleByRate, type LearningRate } from "./scale.ts";
import { chain, mapArrays, stateless, type GradientTransformation } from "./transformation.ts";

/**
 * Each array of updates divided by max(1, RMS / limit), RMS being the root of its mean square. `optax.clip_by_block_rms`.
 *
 * @throws ReformaxError unless the limit is a number above 0
 * @example
 * import { array } from "reformax/numpy";
 * import { clipByRms } from "reformax/optim";
 * console.log(clipByRms(1).update(array([4, 4]), null, array([0, 0]))[0].toArray()); // => [ 1, 1 ]
 */
export function clipByRms(limit: number): GradientTransformation<null> {
  checkNumber(limit, "the limit", "clipByRms", least);
  return stateless("clipByRms", (updates) =>
    mapArrays((update) => {
      const excess = ops.scale(rootMeanSquare(update), 1 / limit);
      return divide(update, ops.max(ops.literal(1, "f32"), excess));
    }, updates),
  );
}

/**
 * Each array of updates times max(`smallest`, RMS) of its parameters. `optax.scale_by_param_block_rms`.
 *
 * @throws ReformaxError unless `smallest` is 0 or more
 * @example
 * import { array } from "reformax/numpy";
 * import { scaleByParameterRms } from "reformax/optim";
 * console.log(scaleByParameterRms().update(array([1, 2]), null, array([3, 3]))[0].toArray()); // => [ 3, 6 ]
 */
export function scaleByParameterRms(smallest = 1e-3): GradientTransformation<null> {
  checkNumber(smallest, "the smallest scale", "scaleByParameterRms", 0);
  return stateless("scaleByParameterRms", (updates, params) =>
    mapArrays(
      (update, param) =>
        multiply(update, ops.max(rootMeanSquare(param), ops.literal(smallest, "f32"))),
      updates,
      params,
    ),
  );
}

const where = "adafactor";
/** The smallest number above 0. */
const least = Number.MIN_VALUE;

const divide = (x: Value, by: Value): Value => ops.div(x, ops.broadcastInDim(by, x.shape, []));

/**
 * Whose defaults hold. `optax`: the two largest axes are factored where both have 128 elements; no weights decay. `transformers`: the last
 * two axes of any size, and decaying weights do so times the rate, as all of the step does. `trax`: the same axes, and 1e-5 of the
 * weights decays in each step whatever the rate, as in optax.
 */
export type AdafactorConvention = "optax" | "transformers" | "trax";

export interface AdafactorOptions extends FactoredOptions {
  /** Default: `optax`. */
  readonly convention?: AdafactorConvention;
  /** Largest root mean square of an array's updates before the rate; null for none. Default 1. */
  readonly clip?: number | null;
  /** Whether the rate is relative to the root mean square of each array of parameters. Default: yes. */
  readonly relative?: boolean;
  /** The least that this root counts as. Default 1e-3. */
  readonly leastScale?: number;
  /** Decay of a mean of the updates, or null for none. Default: none. */
  readonly momentum?: number | null;
  /** Share of the parameters that decays in each step. */
  readonly weightDecay?: number;
  /** The arrays that decay. Default: all. */
  readonly mask?: DecayMask;
}

const conventions = {
  optax: { axes: "largest", leastSize: 128, weightDecay: 0 },
  transformers: { axes: "last", leastSize: 1, weightDecay: 0 },
  trax: { axes: "last", leastSize: 1, weightDecay: 1e-5 },
} as const satisfies Readonly<Record<AdafactorConvention, AdafactorOptions>>;

/**
 * Adafactor: second moments by rows and columns, updates whose root mean square is clipped, a rate relative to the parameters'. Shazeer & Stern
 * 2018; `optax.adafactor`, transformers' `Adafactor` with `relative_step=False` (with it, `relativeStep` is the rate), trax' `Adafactor`.
 *
 * @throws ReformaxError when an option is no such number
 * @example
 * import { array } from "reformax/numpy";
 * import { adafactor, applyUpdates } from "reformax/optim";
 * const optimizer = adafactor(0.1);
 * const params = { w: array([2, 2]) };
 * const [updates] = optimizer.update({ w: array([3, -3]) }, optimizer.init(params), params);
 * const { w } = applyUpdates(params, updates);
 * console.log(Array.from(w.dataSync(), (x) => x.toFixed(2))); // => [ '1.80', '2.20' ]
 */
export function adafactor(
  rate: LearningRate,
  options: AdafactorOptions = {},
): GradientTransformation<readonly unknown[]> {
  const kinds = {
    convention: ["optax", "transformers", "trax"],
    clip: "any",
    relative: "flag",
    leastScale: "number",
    momentum: "any",
    weightDecay: "number",
    mask: "function",
    decayExponent: "any",
    epsilon: "any",
    factored: "any",
    axes: "any",
    leastSize: "any",
  } as const;
  const { convention = "optax", ...given } = checkOptions(options, kinds, where);
  const {
    clip = 1,
    relative = true,
    leastScale = 1e-3,
    momentum = null,
    weightDecay,
    mask,
    ...factored
  } = { ...conventions[convention], ...given };
  const step = (): GradientTransformation =>
    relative
      ? chain(scaleByParameterRms(leastScale), scaleByRate(rate, where))
      : scaleByRate(rate, where);
  checkNumber(weightDecay, "the weight decay", where, 0);
  if (clip !== null) checkNumber(clip, "the limit of the root mean square", where, least);
  if (momentum !== null) checkDecay(momentum, where);
  return chain(
    scaleByFactoredRms(factored),
    ...(clip === null ? [] : [clipByRms(clip)]),
    step(),
    ...(momentum === null ? [] : [averageUpdates(momentum)]),
    ...(weightDecay === 0 ? [] : [decayOf(convention, weightDecay, mask, step)]),
  );
}

/** Weights that shrink by a share of themselves in each step: as it is, or in transformers times the rate and the scale of the step. */
function decayOf(
  convention: AdafactorConvention,
  share: number,
  mask: DecayMask | undefined,
  step: () => GradientTransformation,
): GradientTransformation {
  if (convention !== "transformers") return addDecayedWeights(-share, mask);
  const shrink = chain(addDecayedWeights(share, mask), step());
  return {
    init: (params) => shrink.init(params),
    update: <Params>(updates: Params, state: unknown, params: Params) => {
      const none = mapArrays(ops.zerosLike, updates);
      const [decayed, next] = shrink.update(none, state as never, params);
      return [mapArrays(add, updates, decayed), next] as const;
    },
  };
}
