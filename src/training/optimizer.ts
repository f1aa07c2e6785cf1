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

/** The learning rate of each step, counted from 1. */
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

/** The optimiser that a configuration asks for. */
export function optimizerOf(config: TrainingConfig): GradientTransformation {
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
