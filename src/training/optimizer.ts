import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  constant,
  cosine,
  join,
  linear,
  sgd,
  warmup,
  warmupRsqrt,
  type GradientTransformation,
  type Schedule,
} from "../optim/index.ts";
import type { TrainingConfig } from "./config/training-config.ts";

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
export function scheduleOf({ schedule }: Pick<TrainingConfig, "schedule">): Schedule {
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
 * The optimiser that a configuration's section `training` asks for: clipping by the global norm,
 * then its rule with its schedule. Parameters are a tree of f32 arrays of any shape: it serves
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
  config: Pick<TrainingConfig, "optimizer" | "schedule" | "clip">,
): GradientTransformation {
  const { optimizer, clip } = config;
  const rule = updateRule(optimizer, scheduleOf(config));
  return clip === null ? rule : chain(clipByGlobalNorm(clip), rule);
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
    default:
      return optimizer satisfies never;
  }
}
