// @ts-check
/*
 * A variational autoencoder (Kingma & Welling 2014) of made pictures: a disc somewhere. The noise
 * of the encoder is drawn from a key, an argument, so the bound is a pure function with an
 * ordinary gradient. Expect the bound to rise far above the best that is possible for pixels that
 * know nothing of each other, and a walk through the two latent numbers to move the disc.
 */
import { init, jit, valueAndGrad } from "reformax";
import * as nn from "reformax/nn";
import * as np from "reformax/numpy";
import * as optim from "reformax/optim";
import * as random from "reformax/random";

/** @typedef {import("reformax").Value} Value */
/** @typedef {import("reformax/nn").DenseParams[]} Net */
/** @typedef {{ encoder: Net, decoder: Net }} Params */
/** @typedef {{ params: Params, moments: ReturnType<typeof optimizer.init> }} State */

await init();

const [side, latents, hidden, batch] = [10, 2, 128, 128];
const optimizer = optim.adam(2e-3);

/** @type {(key: Value, count: number) => Value} Pictures of 0 and 1, f32[count, side * side]. */
function discs(key, count) {
  const [x, y] = np.split(random.uniform(key, [count, 2], 2, side - 3), 2, 1);
  const pixel = np.arange(side * side);
  const across = np.square(np.subtract(np.remainder(pixel, side), x));
  const down = np.square(np.subtract(np.floorDivide(pixel, side), y));
  return np.astype(np.less(np.add(across, down), 5), "f32");
}

/** @type {(key: Value, sizes: number[]) => Net} */
const initNet = (key, sizes) =>
  random.split(key).map((k, i) => nn.initDense(sizes[i], sizes[i + 1])(k)[0]);

/** @type {(net: Net, x: Value) => Value} */
const apply = ([first, second], x) => nn.dense(second, nn.relu(nn.dense(first, x)));

/** @type {(params: Params, images: Value, key: Value) => Value} Minus the bound, in nats. */
function loss({ encoder, decoder }, images, key) {
  const [mean, logVariance] = np.split(apply(encoder, images), 2, -1);
  const noise = np.multiply(np.exp(np.multiply(logVariance, 0.5)), random.normal(key, mean.shape));
  const logits = apply(decoder, np.add(mean, noise));
  const reconstruction = np.sum(np.subtract(nn.softplus(logits), np.multiply(images, logits)), -1);
  const spread = np.subtract(np.add(np.square(mean), np.exp(logVariance)), np.add(logVariance, 1));
  return np.mean(np.add(reconstruction, np.multiply(np.sum(spread, -1), 0.5)));
}

const step = jit((/** @type {State} */ { params, moments }, /** @type {Value} */ key) => {
  const [imageKey, noiseKey] = random.split(key);
  const [value, gradient] = valueAndGrad(loss)(params, discs(imageKey, batch), noiseKey);
  const [updates, next] = optimizer.update(gradient, moments, params);
  return { state: { params: optim.applyUpdates(params, updates), moments: next }, value };
});

const [encoderKey, decoderKey, dataKey, testKey, drawKey] = random.split(random.key(0), 5);
const encoder = initNet(encoderKey, [side * side, hidden, 2 * latents]);
const decoder = initNet(decoderKey, [latents, hidden, side * side]);
let state = { params: { encoder, decoder }, moments: optimizer.init({ encoder, decoder }) };
for (let i = 1; i <= 1500; i++) {
  const { value, ...next } = step(state, random.foldIn(dataKey, i));
  state = next.state;
  if (i % 300 === 0) console.log(`step ${i}: bound ${(-value.item()).toFixed(2)} nats`);
}
const test = discs(testKey, 2000);
const bound = -jit(loss)(state.params, test, drawKey).item();
const p = np.clip(np.mean(test, 0), 1e-6, 1 - 1e-6);
const alone = np.where(np.greater(test, 0), np.log(p), np.log1p(np.negative(p)));
const independent = np.sum(np.mean(alone, 0)).item();
console.log(`new pictures: ${bound.toFixed(2)}, independent pixels ${independent.toFixed(2)}`);

console.log("pictures along a line through the latent plane:");
const line = np.stack([np.linspace(-1.5, 1.5, 6), np.linspace(1, -1, 6)], 1);
const drawn = np.reshape(nn.sigmoid(apply(state.params.decoder, line)), [6, side, side]);
const shades = np.round(np.multiply(np.moveaxis(drawn, 0, 1), 4)).dataSync();
const text = Array.from(shades, (shade) => " .:*#"[shade]).join("");
for (let at = 0; at < text.length; at += 6 * side) console.log(text.slice(at, at + 6 * side));
if (!(bound > independent + 15)) throw new Error("the pictures were not learned");
