import * as np from "reformax/numpy";
import * as optim from "reformax/optim";
import { call, callNamed, returning, type Call, type Table } from "./check.ts";
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
const adafactor = {
  convention: "optax",
  clip: 1,
  relative: true,
  leastScale: 0.1,
  momentum: 0.5,
} as const;
const adam = { b1: 0.9, b2: 0.99, epsilon: 1e-8 };

/** A call that returns a schedule. */
const scheduling = (given: Call): Call =>
  returning(given, call(allowing(besides(number("step", 1), { "text in a list": ["1"] }))));

/** A call that returns a transformation: `like` is the same one, if it keeps a state. */
const transforming = (given: Call, like?: optim.GradientTransformation): Call => {
  const state = anything("state", like ? like.init(params) : null);
  const wrong = { undefined: undefined, null: null, text: "w", number: 1, empty: {} };
  return returning(given, {
    init: call(tree("params")),
    update: call(tree("updates"), like ? besides(state, wrong) : state, tree("params")),
  });
};

export const table: Table = {
  accumulate: transforming(
    call(steps("steps"), record("step", optim.scale(1))),
    optim.accumulate(10, optim.scale(1)),
  ),
  adafactor: transforming(call(rate, options(adafactor)), optim.adafactor(0.1, adafactor)),
  averageParameters: transforming(call(share("decay")), optim.averageParameters(0.9)),
  averageUpdates: transforming(call(share("decay")), optim.averageUpdates(0.9)),
  averagedParameters: call(
    besides(record("state", optim.averageParameters(0.5).init(params)), { "no average": {} }),
    tree("params"),
  ),
  adam: transforming(call(rate, options(adam)), optim.adam(0.1, adam)),
  adamw: transforming(
    call(rate, options({ ...adam, weightDecay: 0.1, mask: (path: string) => path !== "" })),
    optim.adamw(0.1),
  ),
  addDecayedWeights: transforming(
    call(number("rate", 0.1), optional(callback("mask", () => true))),
  ),
  applyUpdates: call(tree("params"), tree("updates")),
  chain: transforming(
    call(besides(record("step", optim.scale(1)), { "a schedule": schedule })),
    optim.chain(optim.scale(1)),
  ),
  clipByGlobalNorm: transforming(call(besides(number("limit", 1), { NaN: NaN, negative: -1 }))),
  clipByRms: transforming(call(besides(number("limit", 1), { NaN: NaN, zero: 0, negative: -1 }))),
  clipByValue: transforming(call(besides(number("limit", 1), { NaN: NaN, negative: -1 }))),
  constant: scheduling(call(number("value", 1))),
  cosine: scheduling(
    call(steps("steps"), optional(number("start", 1)), optional(number("end", 0))),
  ),
  cosineSawtooth: scheduling(
    call(steps("steps"), optional(number("start", 1)), optional(number("end", 0))),
  ),
  globalNorm: call(tree("updates")),
  join: scheduling(
    call(
      besides(numbers("boundaries", [5]), { fraction: [0.5] }),
      callbacks("schedules", [schedule, schedule]),
    ),
  ),
  linear: scheduling(call(steps("steps"), number("start", 1), number("end", 0))),
  momentum: transforming(call(share("decay"), options({ nesterov: true })), optim.momentum(0.9)),
  oneCycle: scheduling(
    call(steps("steps"), number("peak", 1), options({ rising: 0.5, startDivisor: 10 })),
  ),
  piecewise: scheduling(call(numbers("boundaries", [5]), numbers("values", [1, 2]))),
  product: scheduling(call(callback("factor", schedule))),
  relativeStep: scheduling(call(options({ warmup: true }))),
  rsqrt: scheduling(call(steps("steps"))),
  scale: transforming(call(number("factor", 1))),
  scaleByAdam: transforming(callNamed("adam", options(adam)), optim.scaleByAdam(adam)),
  scaleByFactoredRms: transforming(
    callNamed(
      "adafactor",
      options({ decayExponent: 0.8, epsilon: 1e-30, factored: true, axes: "last", leastSize: 1 }),
    ),
    optim.scaleByFactoredRms(),
  ),
  scaleByParameterRms: transforming(call(optional(number("least", 1)))),
  scaleByLearningRate: transforming(call(rate)),
  scaleBySchedule: transforming(
    call(callback("schedule", schedule)),
    optim.scaleBySchedule(schedule),
  ),
  sgd: transforming(
    call(rate, options({ momentum: 0.9, nesterov: true })),
    optim.sgd(0.1, { momentum: 0.9 }),
  ),
  warmup: scheduling(call(steps("steps"), optional(number("peak", 1)))),
  warmupRsqrt: scheduling(call(steps("steps"), number("peak", 1))),
};
