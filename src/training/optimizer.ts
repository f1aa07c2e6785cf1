import { checkPartsOf } from "../core/arguments.ts";
import { struct } from "../edge/decoder.ts";
import { orThrowFrom } from "../edge/problem.ts";
import {
  accumulate,
  adafactor,
  adam,
  adamw,
  averageParameters,
  chain,
  clipByGlobalNorm,
  clipByValue,
  constant,
  cosine,
  join,
  linear,
  oneCycle,
  sgd,
  warmup,
  warmupRsqrt,
  type GradientTransformation,
  type Schedule,
} from "../optim/index.ts";
import { trainingFields, type TrainingConfig } from "./config/training-config.ts";

/**
 * The learning rate of each step, counted from 1, as the configuration's section `training`
 * describes it.
 *
 * @example
 * import { scheduleOf } from "reformax/training";
 * const schedule = { kind: "constant", rate: 0.5, warmup: 2, horizon: 9 } as const;
 * const rate = scheduleOf({ schedule });
 * console.log([1, 2, 3].map((step) => rate(step).item())); // => [ 0.25, 0.5, 0.5 ]
 */
export function scheduleOf(config: Pick<TrainingConfig, "schedule">): Schedule {
  checkRule(config, { schedule: trainingFields.schedule }, "scheduleOf");
  const { schedule } = config;
  if (schedule.kind === "oneCycle") {
    const { horizon, rate, rising, startDivisor, endDivisor } = schedule;
    return oneCycle(horizon, rate, { rising, startDivisor, endDivisor });
  }
  const { kind, rate, warmup: rising, horizon } = schedule;
  switch (kind) {
    case "constant":
      return rising === 0 ? constant(rate) : warmup(rising, rate);
    case "rsqrt":
      return warmupRsqrt(rising, rate);
    case "cosine": {
      const falling = cosine(Math.max(1, horizon - rising), rate, rate * schedule.floor);
      return rising === 0 ? falling : join([rising], [linear(rising, 0, rate), falling]);
    }
    default:
      return kind satisfies never;
  }
}

/**
 * The optimiser that a configuration's section `training` asks for: the mean over accumulated batches, clipping of elements and by the
 * global norm, its rule with its schedule, and the average of the parameters that come out. Parameters are a tree of f32 arrays of any shape: it serves
 * every model.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { optimizerOf, trainConfig } from "reformax/training";
 * const schedule = { kind: "constant", rate: 0.5, horizon: 100 } as const;
 * const choices = { optimizer: { kind: "sgd" }, schedule, clip: null } as const;
 * const { training } = trainConfig({ training: choices });
 * const optimizer = optimizerOf(training);
 * const params = { w: array([1, 2]) };
 * const [updates] = optimizer.update({ w: array([2, 4]) }, optimizer.init(params), params);
 * console.log(updates.w.toArray()); // => [ -1, -2 ]
 */
export function optimizerOf(
  config: Pick<TrainingConfig, Needed> & Partial<Pick<TrainingConfig, Extras>>,
): GradientTransformation {
  checkRule(config, ruleFields, "optimizerOf");
  const { optimizer, clip, clipValue, accumulate: batches = 1, average } = config;
  const rule = updateRule(optimizer, scheduleOf(config));
  const limits = [
    ...(clipValue === undefined ? [] : [clipByValue(clipValue)]),
    ...(clip === null ? [] : [clipByGlobalNorm(clip)]),
  ];
  const clipped = limits.length === 0 ? rule : chain(...limits, rule);
  const step = average === undefined ? clipped : chain(clipped, averageParameters(average));
  return batches === 1 ? step : accumulate(batches, step);
}

const { optimizer, schedule, clip, clipValue, accumulate: batches, average } = trainingFields;
const ruleFields = { optimizer, schedule, clip, clipValue, accumulate: batches, average };

/** Throws unless these fields of the section about learning are right; it may have others. */
function checkRule(
  config: object,
  fields: typeof ruleFields | Pick<typeof ruleFields, "schedule">,
  where: string,
): void {
  checkPartsOf(config, {}, "config", where);
  const known = Object.entries(config).filter(([name]) => name in fields);
  orThrowFrom(`${where}: config`)(
    struct(fields as typeof ruleFields)(Object.fromEntries(known), ""),
  );
}

type Needed = "optimizer" | "schedule" | "clip";
type Extras = "clipValue" | "accumulate" | "average";

/** Arrays as large as the parameters that this optimiser keeps; factored ones count as none. */
export function optimizerCopies({
  optimizer,
  accumulate: batches = 1,
  average,
}: Pick<TrainingConfig, "optimizer" | "accumulate" | "average">): number {
  return momentCopies(optimizer) + (batches > 1 ? 1 : 0) + (average === undefined ? 0 : 1);
}

function momentCopies(optimizer: TrainingConfig["optimizer"]): number {
  switch (optimizer.kind) {
    case "sgd":
      return optimizer.momentum > 0 ? 1 : 0;
    case "adafactor":
      return optimizer.momentum === null ? 0 : 1;
    case "adam":
    case "adamw":
      return 2;
    default:
      return optimizer satisfies never;
  }
}

function updateRule(
  optimizer: TrainingConfig["optimizer"],
  schedule: Schedule,
): GradientTransformation {
  switch (optimizer.kind) {
    case "sgd":
      return sgd(schedule, { momentum: optimizer.momentum });
    case "adam":
      return adam(schedule, {
        b1: optimizer.beta1,
        b2: optimizer.beta2,
        epsilon: optimizer.epsilon,
      });
    case "adamw":
      return adamw(schedule, {
        b1: optimizer.beta1,
        b2: optimizer.beta2,
        epsilon: optimizer.epsilon,
        weightDecay: optimizer.weightDecay,
      });
    case "adafactor": {
      const { kind: _, clipRms: clip, ...options } = optimizer;
      return adafactor(schedule, { ...options, clip });
    }
    default:
      return optimizer satisfies never;
  }
}
