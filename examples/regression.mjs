// @ts-check
/*
 * Linear and logistic regression: a model is a function of parameters and inputs, a loss a
 * function of both and the targets, and a training step its gradient, handed to an optimiser and
 * compiled by `jit`. The data are drawn from known parameters, which must come back: within 0.02
 * from 1,000 numbers with a little noise; within 0.5, three times the standard error, from 1,000
 * answers yes or no, which tell far less.
 */
import { init, jit, tree, valueAndGrad } from "reformax";
import * as nn from "reformax/nn";
import * as np from "reformax/numpy";
import * as optim from "reformax/optim";
import * as random from "reformax/random";

/** @typedef {import("reformax").Value} Value */
/** @typedef {{ weights: Value, bias: Value }} Params */
/** @typedef {(params: Params, x: Value, y: Value) => Value} Loss */

await init();

const count = 1000;
const truth = { weights: np.array([2, -3, 0.5]), bias: np.array(1) };
const [inputKey, noiseKey, labelKey] = random.split(random.key(0), 3);
const inputs = random.normal(inputKey, [count, 3]);

/** @type {(params: Params, x: Value) => Value} */
const predict = ({ weights, bias }, x) => np.add(np.matmul(x, weights), bias);

/** @type {Loss} */
const squaredError = (params, x, y) => np.mean(np.square(np.subtract(predict(params, x), y)));

/** @type {Loss} -log of the probability that the model gives to the labels, 0 or 1. */
const crossEntropy = (params, x, y) => {
  const logits = predict(params, x);
  return np.mean(np.subtract(nn.softplus(logits), np.multiply(y, logits)));
};

/** @type {(loss: Loss, targets: Value, rate: number) => { params: Params, value: Value }} */
function fit(loss, targets, rate) {
  const optimizer = optim.sgd(rate, { momentum: 0.9 });
  const zeros = tree.map(np.zerosLike, truth);
  let current = { params: zeros, state: optimizer.init(zeros), value: np.array(Infinity) };
  const step = jit((/** @type {typeof current} */ { params, state }) => {
    const [value, gradient] = valueAndGrad(loss)(params, inputs, targets);
    const [updates, next] = optimizer.update(gradient, state, params);
    return { params: optim.applyUpdates(params, updates), state: next, value };
  });
  for (let i = 0; i < 300; i++) current = step(current);
  return current;
}

/** @type {(name: string, result: ReturnType<typeof fit>, tolerance: number) => void} */
function report(name, { params, value }, tolerance) {
  console.log(`${name}: loss ${value.item().toFixed(4)}, parameters`, params);
  const errors = tree.map((a, b) => np.max(np.abs(np.subtract(a, b))), params, truth);
  const worst = Math.max(errors.weights.item(), errors.bias.item());
  console.log(`  farthest from the truth by ${worst.toFixed(3)}, allowed ${tolerance}`);
  if (!(worst <= tolerance)) throw new Error(`${name} did not find the parameters`);
}

const noise = np.multiply(random.normal(noiseKey, [count]), 0.1);
report("linear", fit(squaredError, np.add(predict(truth, inputs), noise), 0.1), 0.02);

const labels = random.bernoulli(labelKey, nn.sigmoid(predict(truth, inputs)));
report("logistic", fit(crossEntropy, np.astype(labels, "f32"), 0.5), 0.5);
