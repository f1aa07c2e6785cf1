import type { Value } from "reformax";
import * as np from "reformax/numpy";
import * as optim from "reformax/optim";
import { call, callNamed, type Table } from "./check.ts";
import {
  allowing,
  anything,
  besides,
  callback,
  callbacks,
  number,
  numbers,
  optional,
  options,
  record,
  type Argument,
} from "./kinds.ts";

const rate = allowing(besides(number("rate", 0.1), { options: { rate: 0.1 } }), "function");
const share = (name: string): Argument => besides(number(name, 0.9), { NaN: NaN });
const steps = (name: string): Argument =>
  besides(number(name, 10), { NaN: NaN, infinity: Infinity, negative: -1 });
const params = { w: np.array([1, 2]) };
const notTree = { text: "w", function: () => 1, "text in a tree": { w: "1" } };
const tree = (name: string): Argument => besides(anything(name, params), notTree);
const schedule = optim.constant(1);
const adam = { b1: 0.9, b2: 0.99, epsilon: 1e-8 };

export const table: Table = {
  accumulate: call(steps("steps"), record("step", optim.scale(1))),
  adafactor: call(
    rate,
    options({ convention: "optax", clip: 1, relative: true, leastScale: 0.1, momentum: 0.5 }),
  ),
  averageParameters: call(share("decay")),
  averageUpdates: call(share("decay")),
  averagedParameters: call(
    besides(record("state", optim.averageParameters(0.5).init(params)), { "no average": {} }),
    tree("params"),
  ),
  adam: call(rate, options(adam)),
  adamw: call(rate, options({ ...adam, weightDecay: 0.1, mask: (path: string) => path !== "" })),
  addDecayedWeights: call(number("rate", 0.1), optional(callback("mask", () => true))),
  applyUpdates: call(tree("params"), tree("updates")),
  chain: call(besides(record("step", optim.scale(1)), { "a schedule": schedule })),
  clipByGlobalNorm: call(besides(number("limit", 1), { NaN: NaN, negative: -1 })),
  clipByRms: call(besides(number("limit", 1), { NaN: NaN, zero: 0, negative: -1 })),
  clipByValue: call(besides(number("limit", 1), { NaN: NaN, negative: -1 })),
  constant: call(number("value", 1)),
  cosine: call(steps("steps"), optional(number("start", 1)), optional(number("end", 0))),
  cosineSawtooth: call(steps("steps"), optional(number("start", 1)), optional(number("end", 0))),
  globalNorm: call(tree("updates")),
  join: call(
    besides(numbers("boundaries", [5]), { fraction: [0.5] }),
    callbacks("schedules", [schedule, schedule]),
  ),
  linear: call(steps("steps"), number("start", 1), number("end", 0)),
  momentum: call(share("decay"), options({ nesterov: true })),
  oneCycle: call(steps("steps"), number("peak", 1), options({ rising: 0.5, startDivisor: 10 })),
  piecewise: call(numbers("boundaries", [5]), numbers("values", [1, 2])),
  product: call(callback("factor", (step: Value) => step)),
  relativeStep: call(options({ warmup: true })),
  rsqrt: call(steps("steps")),
  scale: call(number("factor", 1)),
  scaleByAdam: callNamed("adam", options(adam)),
  scaleByFactoredRms: callNamed(
    "adafactor",
    options({ decayExponent: 0.8, epsilon: 1e-30, factored: true, axes: "last", leastSize: 1 }),
  ),
  scaleByParameterRms: call(optional(number("least", 1))),
  scaleByLearningRate: call(rate),
  scaleBySchedule: call(callback("schedule", schedule)),
  sgd: call(rate, options({ momentum: 0.9, nesterov: true })),
  warmup: call(steps("steps"), optional(number("peak", 1))),
  warmupRsqrt: call(steps("steps"), number("peak", 1)),
};
