// @ts-check
/*
 * A reversible stack (section 3 of the paper) of one's own half-blocks: a mixer, whose channels are
 * running means over the past, and a perceptron. Streams are fixed point, so adding a half-block is
 * undone exactly. Expect the inputs back from the outputs bit for bit; the same gradient, bit for
 * bit, as with every activation stored; and a plan whose memory, parameters aside, ignores depth.
 */
import { grad, init, jit, tree } from "reformax";
import { fromFixed, toFixed } from "reformax/lax";
import * as nn from "reformax/nn";
import * as np from "reformax/numpy";
import * as random from "reformax/random";
import { invert, parts, reversible, rows, stored } from "reformax/reformer";

/** @typedef {import("reformax").Value} Value */
/** @typedef {import("reformax/nn").DenseParams} Dense */
/** @typedef {import("reformax/reformer").LayerParams} LayerParams */
/** @typedef {{ shared: null, own: { enter: Dense, leave: Dense } }} MixerParams */

await init();

const [batch, length, width, groups, chunk] = [2, 256, 32, 4, 64];
const seen = np.expandDims(np.arange(1, length + 1), 1);

/** A sum of one contribution per group of channels; only in `mix` does a row see others. */
const mixer = parts("mixer", groups, {
  chunk,
  enter: (/** @type {MixerParams} */ { own }, x) => nn.dense(own.enter, x),
  mix: (_, entered) => ({ out: np.divide(np.cumsum(entered, 1), seen), saved: null }),
  leave: ({ own }, mixed) => nn.dense(own.leave, mixed),
});

const perceptron = rows("perceptron", chunk, (/** @type {Dense[]} */ [inner, outer], x) =>
  nn.dense(outer, nn.gelu(nn.dense(inner, x))),
);

/** @type {(key: Value) => LayerParams} */
function initLayer(key) {
  const [enter, leave, inner, outer] = random.split(key, 4);
  const kernel = nn.initializers.lecunNormal({ stackedAxes: 1 });
  const own = {
    enter: { kernel: kernel([groups, width, width / groups])(enter)[0] },
    leave: { kernel: kernel([groups, width / groups, width])(leave)[0] },
  };
  const dense = [inner, outer].map((k) => nn.initDense(width, width)(k)[0]);
  return { f: { shared: null, parts: own }, g: dense };
}

const input = toFixed(random.normal(random.key(1), [batch, length, width]));
const bottom = { first: input, second: input };

/** @type {(stack: ReturnType<typeof stored>) => (params: LayerParams[]) => Value} */
const lossOf = (stack) => (params) => {
  const { first, second } = stack(params, bottom).streams;
  return np.mean(np.multiply(np.tanh(fromFixed(first)), fromFixed(second)));
};

/** @type {(a: unknown, b: unknown) => boolean} */
const equal = (a, b) => tree.leaves(tree.map(np.arrayEqual, a, b)).every(Boolean);

const peaks = [2, 4, 8, 16].map((depth) => {
  const params = random.split(random.key(0), depth).map(initLayer);
  const layers = params.map(() => [
    { name: "f", block: mixer },
    { name: "g", block: perceptron },
  ]);
  const { streams } = reversible(layers)(params, bottom);
  const rebuilt = equal(invert(layers)(params, streams), bottom);
  const [exact, plain] = [reversible, stored].map((stack) => jit(grad(lossOf(stack(layers)))));
  const same = equal(exact(params), plain(params));
  const weights = /** @type {Value[]} */ (tree.leaves(params)).reduce((sum, x) => sum + x.size, 0);
  const [less, more] = [exact, plain].map((f) => f.lower(params).report.peakBytes - 4 * weights);
  console.log(`${depth} layers: inputs rebuilt ${rebuilt}, gradients equal ${same},`);
  console.log(`  ${less} bytes besides parameters, ${more} with activations stored`);
  if (!(rebuilt && same)) throw new Error("not exact");
  return less;
});
if (new Set(peaks).size > 1) throw new Error("memory depends on depth");
