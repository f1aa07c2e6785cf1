// @ts-check
/*
 * An LSTM (Hochreiter & Schmidhuber 1997) is one cell and a `scan` over time; it is written for
 * one sequence, and `vmap` makes the batch. The task needs memory: of 20 random symbols, say the
 * first at the end. Expect it to begin at chance, a quarter right, and to be right nearly always
 * once the gradient has found its way back through time, within 300 steps.
 */
import { init, jit, valueAndGrad, vmap } from "reformax";
import { scan } from "reformax/lax";
import * as nn from "reformax/nn";
import * as np from "reformax/numpy";
import * as optim from "reformax/optim";
import * as random from "reformax/random";

/** @typedef {import("reformax").Value} Value */
/** @typedef {import("reformax/nn").DenseParams} DenseParams */
/** @typedef {{ cell: DenseParams, readout: DenseParams }} Params */
/** @typedef {{ params: Params, moments: ReturnType<typeof optimizer.init> }} State */
/** @typedef {{ h: Value, c: Value }} Carry */

await init();

const [symbols, length, hidden, batch] = [4, 20, 32, 64];
const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam(0.003));

/** @type {(key: Value) => Params} */
function initParams(key) {
  const [cell, rest] = nn.initDense(symbols + hidden, 4 * hidden)(key);
  return { cell, readout: nn.initDense(hidden, symbols)(rest)[0] };
}

/** @type {(params: DenseParams, carry: Carry, x: Value) => Carry} At first sigmoid(2) is kept. */
function lstmCell(params, { h, c }, x) {
  const [write, keep, read, content] = np.split(nn.dense(params, np.concatenate([x, h])), 4);
  const kept = np.multiply(nn.sigmoid(np.add(keep, 2)), c);
  const cell = np.add(kept, np.multiply(nn.sigmoid(write), np.tanh(content)));
  return { h: np.multiply(nn.sigmoid(read), np.tanh(cell)), c: cell };
}

/** @type {(params: Params, sequence: Value) => Value} Logits of the first symbol of i32[length]. */
function recall({ cell, readout }, sequence) {
  /** @type {(carry: Carry, x: Value) => [Carry, null]} */
  const advance = (carry, x) => [lstmCell(cell, carry, x), null];
  const silence = { h: np.zeros([hidden]), c: np.zeros([hidden]) };
  const [{ h }] = scan(advance, silence, nn.oneHot(sequence, symbols));
  return nn.dense(readout, h);
}

/** @type {(params: Params, sequences: Value) => [loss: Value, right: Value]} */
function evaluate(params, sequences) {
  const logits = vmap(recall, { inAxes: [null, 0] })(params, sequences);
  const first = np.index(sequences, np.slice(), 0);
  const right = np.mean(np.equal(np.argmax(logits, -1), first));
  return [np.mean(nn.softmaxCrossEntropy(logits, first)), right];
}

const step = jit((/** @type {State} */ { params, moments }, /** @type {Value} */ key) => {
  const sequences = random.randint(key, [batch, length], 0, symbols);
  const differentiate = valueAndGrad(evaluate, { hasAux: true });
  const [[loss, right], gradient] = differentiate(params, sequences);
  const [updates, next] = optimizer.update(gradient, moments, params);
  return { state: { params: optim.applyUpdates(params, updates), moments: next }, loss, right };
});

const [initKey, dataKey, testKey] = random.split(random.key(0), 3);
const params = initParams(initKey);
let state = { params, moments: optimizer.init(params) };
for (let i = 0; i <= 300; i++) {
  const { loss, right, ...rest } = step(state, random.foldIn(dataKey, i));
  state = rest.state;
  const share = `${(100 * right.item()).toFixed(0)} %`;
  if (i % 60 === 0) console.log(`step ${i}: loss ${loss.item().toFixed(4)}, right ${share}`);
}
const [, right] = jit(evaluate)(state.params, random.randint(testKey, [1000, length], 0, symbols));
console.log(`1,000 new sequences: right ${(100 * right.item()).toFixed(1)} %`);
if (!(right.item() > 0.95)) throw new Error("the first symbol was forgotten");
