// @ts-check
/*
 * A perceptron with two hidden layers tells the arms of three spirals apart. Parameters are a
 * plain tree made from keys; a whole epoch (shuffle, cut into batches, a step for each) is one
 * `scan` inside one `jit`, so that JavaScript is called once per epoch. Expect over 95 % of points
 * that it has not seen to be told right, where a linear model, trained the same way, stays below
 * 70 %.
 */
import { init, jit, valueAndGrad } from "reformax";
import { scan } from "reformax/lax";
import * as nn from "reformax/nn";
import * as np from "reformax/numpy";
import * as optim from "reformax/optim";
import * as random from "reformax/random";

/** @typedef {import("reformax").Value} Value */
/** @typedef {readonly import("reformax/nn").DenseParams[]} Layers */
/** @typedef {{ x: Value, label: Value }} Points */
/** @typedef {{ layers: Layers, moments: ReturnType<typeof optimizer.init> }} State */

await init();

const [arms, count, batch, epochs] = [3, 2048, 64, 30];
const [trainKey, testKey, initKey, shuffleKey] = random.split(random.key(0), 4);
const [training, test] = [spirals(trainKey), spirals(testKey)];
const optimizer = optim.adamw(optim.cosine((epochs * count) / batch, 0.01), { weightDecay: 1e-3 });

/** @type {(key: Value) => Points} Points on the arms, with noise across them. */
function spirals(key) {
  const [labelKey, radiusKey, noiseKey] = random.split(key, 3);
  const label = random.randint(labelKey, [count], 0, arms);
  const radius = np.sqrt(random.uniform(radiusKey, [count]));
  const turn = np.add(np.multiply(radius, 5), np.multiply(label, (2 * Math.PI) / arms));
  const angle = np.add(turn, np.multiply(random.normal(noiseKey, [count]), 0.12));
  const directions = np.stack([np.cos(angle), np.sin(angle)], 1);
  return { x: np.multiply(np.expandDims(radius, 1), directions), label };
}

/** @type {(layers: Layers, x: Value) => Value} */
const logits = ([first, ...others], x) =>
  others.reduce((h, layer) => nn.dense(layer, nn.relu(h)), nn.dense(first, x));

/** @type {(layers: Layers, points: Points) => Value} */
const loss = (layers, { x, label }) => np.mean(nn.softmaxCrossEntropy(logits(layers, x), label));

/** @type {(state: State, rows: Value) => [State, Value]} */
function step({ layers, moments }, rows) {
  const points = { x: np.take(training.x, rows, 0), label: np.take(training.label, rows, 0) };
  const [value, gradient] = valueAndGrad(loss)(layers, points);
  const [updates, next] = optimizer.update(gradient, moments, layers);
  return [{ layers: optim.applyUpdates(layers, updates), moments: next }, value];
}

const epoch = jit((/** @type {State} */ state, /** @type {Value} */ key) =>
  scan(step, state, np.reshape(random.permutation(key, count), [-1, batch])),
);

/** @type {(name: string, sizes: readonly number[]) => number} Share of test points told right. */
function train(name, sizes) {
  const layers = random
    .split(initKey, sizes.length - 1)
    .map((key, i) => nn.initDense(sizes[i], sizes[i + 1])(key)[0]);
  /** @type {[State, Value]} */
  let [state, losses] = [{ layers, moments: optimizer.init(layers) }, np.array([])];
  for (let i = 0; i < epochs; i++) [state, losses] = epoch(state, random.foldIn(shuffleKey, i));
  const right = np.equal(np.argmax(logits(state.layers, test.x), 1), test.label);
  const [share, last] = [np.mean(right).item(), np.mean(losses).item()];
  console.log(`${name}: loss ${last.toFixed(4)}, told right ${(100 * share).toFixed(1)} %`);
  return share;
}

const linear = train("linear", [2, arms]);
const deep = train("two hidden layers of 32", [2, 32, 32, arms]);
if (!(linear < 0.7 && deep > 0.95)) throw new Error("not what was to be expected");
