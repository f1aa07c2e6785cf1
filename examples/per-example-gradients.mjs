// @ts-check
/*
 * The gradient of every example by itself: `vmap` of `grad`, one call instead of a loop over the
 * examples. Clipped one by one before they are averaged, no single example can pull far, which is
 * what private training (Abadi et al. 2016) rests on; and their lengths say which labels are wrong.
 * Of 1,000 labels 50 were turned round: expect nearly all of them among the 50 longest gradients.
 */
import { grad, init, jit, tree, vmap } from "reformax";
import * as nn from "reformax/nn";
import * as np from "reformax/numpy";
import * as optim from "reformax/optim";
import * as random from "reformax/random";

/** @typedef {import("reformax").Value} Value */
/** @typedef {readonly import("reformax/nn").DenseParams[]} Layers */

await init();

const [count, wrong, limit, rate] = [1000, 50, 0.2, 3];

/** @type {(layers: Layers, x: Value, label: Value) => Value} Of one example, f32[2] and i32[]. */
const loss = ([first, second], x, label) =>
  nn.softmaxCrossEntropy(nn.dense(second, np.tanh(nn.dense(first, x))), label);

const overExamples = { inAxes: [null, 0, 0] };
const gradients = vmap(grad(loss), overExamples);

/** @type {(layers: Layers, xs: Value, labels: Value) => Value} */
const meanLoss = (layers, xs, labels) => np.mean(vmap(loss, overExamples)(layers, xs, labels));

/** @type {(gradients: Layers) => Layers} The average over the examples, the first axis. */
const average = (gradients) => tree.map((g) => np.mean(g, 0), gradients);

/** @type {(gradients: Layers) => Layers} Each example's gradient, shortened to `limit`. */
const clipEach = vmap((g) => optim.clipByGlobalNorm(limit).update(g, null, g)[0]);

// A disc of points and a ring around it; the first 50 labels are wrong.
const [angleKey, radiusKey, labelKey, firstKey, secondKey] = random.split(random.key(0), 5);
const truth = random.randint(labelKey, [count], 0, 2);
const radius = np.add(np.multiply(truth, 1.5), random.uniform(radiusKey, [count], 0, 1));
const angle = random.uniform(angleKey, [count], -Math.PI, Math.PI);
const directions = np.stack([np.cos(angle), np.sin(angle)], 1);
const xs = np.multiply(np.expandDims(radius, 1), directions);
const labels = np.where(np.less(np.arange(count), wrong), np.subtract(1, truth), truth);

const step = jit((/** @type {Layers} */ layers) => {
  const update = average(clipEach(gradients(layers, xs, labels)));
  return tree.map((p, g) => np.subtract(p, np.multiply(g, rate)), layers, update);
});
/** @type {Layers} */
let layers = [nn.initDense(2, 32)(firstKey)[0], nn.initDense(32, 2)(secondKey)[0]];
for (let i = 0; i < 500; i++) layers = step(layers);

const each = gradients(layers, xs, labels);
console.log("first layer kernels, one per example:", each[0].kernel.shape);
const difference = tree.map(np.subtract, average(each), grad(meanLoss)(layers, xs, labels));
const distance = optim.globalNorm(difference).item();
console.log(`average against the gradient of the mean: differ by ${distance.toExponential(1)}`);

const lengths = vmap(optim.globalNorm)(each);
const clipped = np.max(vmap(optim.globalNorm)(clipEach(each))).item();
console.log(`longest ${np.max(lengths).item().toFixed(2)}, clipped ${clipped.toFixed(4)}`);

const longest = np.index(np.argsort(np.negative(lengths)), np.slice(0, wrong));
const found = np.sum(np.less(longest, wrong)).item();
console.log(`wrong labels among the ${wrong} longest gradients: ${found}`);
if (!(distance < 1e-5 && clipped < limit * 1.0001 && found > 45)) throw new Error("not so");
