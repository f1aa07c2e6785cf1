/**
 * Every differentiable public function is compared with JAX where JAX has it (`tools/oracle/functions.py`), and its second
 * derivative with finite differences of the first. A function that is in no table is found here.
 */
import { beforeAll, expect, test } from "vitest";
import { grad, init, type Value } from "../../src/index.ts";
import * as lax from "../../src/lax/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import * as optim from "../../src/optim/index.ts";
import * as random from "../../src/random/index.ts";
import { normals } from "../support/random-data.ts";
import { argumentsOf, functionOf, readCases, weightedSum } from "./cases.ts";

const modules = { numpy: np, lax, nn, optim, random };

/** Functions without a derivative: their results are integers or bools, take no array, or are made of no real numbers. */
const withoutDerivative = {
  numpy:
    "all allclose any arange argmax argmin argsort arrayEqual bitwiseAnd bitwiseNot bitwiseOr bitwiseXor equal eye greater greaterEqual " +
    "identity isFinite isInf isNaN leftShift less lessEqual linspace logicalAnd logicalNot logicalOr logicalXor notEqual ones onesLike " +
    "rightShift slice tri zeros zerosLike",
  lax: "bitcastConvertType iota reduceAnd reduceOr shiftRightLogical whileLoop",
  nn: "initAxialPositions initDense initEmbedding initLayerNorm initProductKeys initSru oneHot",
  // What makes transformations and schedules: their results are functions.
  optim:
    "adam adamw scaleByAdam clipByGlobalNorm clipByValue addDecayedWeights momentum sgd scale scaleByLearningRate scaleBySchedule constant " +
    "cosine cosineSawtooth join linear piecewise product rsqrt warmup warmupRsqrt chain accumulate adafactor averageParameters " +
    "averagedParameters averageUpdates clipByRms oneCycle relativeStep scaleByFactoredRms scaleByParameterRms",
  random:
    "bernoulli bits categorical exponential foldIn gumbel key laplace logistic normal permutation rademacher randint split splitKeys",
} as const;

/** Under other names: the same functions. */
const synonyms: Readonly<Record<string, string>> = {
  "numpy.div": "numpy.divide",
  "numpy.mul": "numpy.multiply",
  "numpy.sub": "numpy.subtract",
  "numpy.neg": "numpy.negative",
  "numpy.pow": "numpy.power",
};

const x = (): Value => np.array([0.3, -0.7, 1.6, -2.2]);

/** Differentiable functions that JAX does not have. */
const ownFunctions: Readonly<Record<string, (x: Value) => Value>> = {
  "lax.offload": (v) => np.square(lax.offload(v)),
  "lax.toFixed": (v) => np.square(lax.fromFixed(lax.toFixed(v))),
  "lax.fromFixed": (v) => np.exp(lax.fromFixed(lax.toFixed(v))),
  "lax.fixedAdd": (v) =>
    np.square(lax.fromFixed(lax.fixedAdd(lax.toFixed(v), lax.toFixed(np.sin(v))))),
  "lax.fixedSub": (v) =>
    np.square(lax.fromFixed(lax.fixedSub(lax.toFixed(v), lax.toFixed(np.sin(v))))),
  "nn.dropout": (v) => np.square(nn.dropout(random.key(3), 0.5, v)),
  // All keys are taken, so that no choice jumps.
  "nn.productKeys": (v) => {
    const [params] = nn.initProductKeys({ inputs: 2, outputs: 2, heads: 1, keys: 2, width: 4 })(
      random.key(4),
    );
    return nn.productKeys(params, np.reshape(v, [2, 2]), { best: 2 });
  },
  "nn.rotary": (v) =>
    np.square(nn.rotary(np.reshape(v, [2, 2]), nn.sinusoids([0, 1], 2, { layout: "halves" }))),
  "nn.scaleNorm": (v) => np.square(nn.scaleNorm({ gamma: np.array([1.5]) }, v)),
  "nn.sru": (v) => {
    const [params] = nn.initSru(2)(random.key(5));
    return nn.sru(params, np.reshape(v, [2, 2]));
  },
  "nn.sinusoids": (v) => nn.sinusoids(v, 4),
};

const cases = readCases("functions.json");

beforeAll(async () => {
  await init("wasm");
});

test("every public function of arrays is in a table", () => {
  const known = new Set([
    ...cases.map(({ name }) => name),
    ...Object.keys(ownFunctions),
    ...Object.keys(synonyms),
  ]);
  const excluded = new Set(
    Object.entries(withoutDerivative).flatMap(([module, names]) =>
      names.split(" ").map((name) => `${module}.${name}`),
    ),
  );
  const exported = Object.entries(modules).flatMap(([module, members]) =>
    Object.entries(members).flatMap(([name, member]) =>
      typeof member === "function" ? [`${module}.${name}`] : [],
    ),
  );
  const missing = exported.filter((name) => !known.has(name) && !excluded.has(name));
  expect(missing, "add them to tools/oracle/functions.py, or to a list here").toEqual([]);
  const gone = [...known, ...excluded].filter(
    (name) => name !== undefined && !exported.includes(name),
  );
  expect(gone, "names that are not exported").toEqual([]);
  expect([...known].filter((name) => name !== undefined && excluded.has(name))).toEqual([]);
});

const smooth = [
  ...cases
    // stopGradient hides a slope on purpose; the last test shows that it would be found.
    .filter(({ id }) => id.endsWith(", smooth") && !id.startsWith("lax.stopGradient"))
    .map((each) => ({ id: each.id, f: functionOf(each), args: (): Value[] => argumentsOf(each) })),
  ...Object.entries(ownFunctions).map(([id, f]) => ({ id, f, args: (): Value[] => [x()] })),
];

/** Derivative of the weighted sum of all gradients, along a direction, and the difference that says what it should be. */
function secondAlong(
  f: (...args: Value[]) => Value,
  args: readonly Value[],
  seed: number,
): { derivative: number; difference: number; noise: number } {
  const argnums = [...args.keys()];
  const gradients = grad((...values: Value[]) => weightedSum(f(...values)), { argnums });
  const slope = (...values: Value[]): Value =>
    gradients(...values)
      .map(weightedSum)
      .reduce((a, b) => np.add(a, b));
  const directions = args.map(({ shape, size }, i) =>
    np.reshape(
      np.array(Float32Array.from(normals(seed + i, size), (n) => Math.round(n * 8) / 8)),
      shape,
    ),
  );
  const step = 1 / 128;
  const at = (distance: number): number =>
    slope(...args.map((arg, i) => np.add(arg, np.multiply(directions[i], distance)))).item();
  const second = grad(slope, { argnums })(...args);
  const derivative = second.reduce(
    (sum, g, i) => sum + np.sum(np.multiply(g, directions[i])).item(),
    0,
  );
  const [far, near] = [2 * step, step].map((h) => (at(h) - at(-h)) / (2 * h));
  // Richardson: what the two differences disagree about bounds what is left.
  const difference = near + (near - far) / 3;
  return {
    derivative,
    difference,
    noise: Math.abs(near - far) + (Math.abs(at(0)) * 2 ** -20) / step,
  };
}

test.each(smooth)("$id: the second derivative is the slope of the first", ({ f, args }) => {
  const { derivative, difference, noise } = secondAlong(f, args(), 5);
  const allowed = noise + 5e-3 * Math.max(Math.abs(derivative), Math.abs(difference)) + 2e-3;
  expect(
    Math.abs(derivative - difference),
    `${derivative}, by differences ${difference}`,
  ).toBeLessThanOrEqual(allowed);
});

test("a wrong second derivative is found", () => {
  const hidden = (v: Value): Value => np.multiply(np.square(v), lax.stopGradient(v));
  const { derivative, difference } = secondAlong(hidden, [x()], 5);
  expect(Math.abs(derivative - difference)).toBeGreaterThan(0.1);
});
