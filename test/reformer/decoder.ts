/**
 * A model of one's own: layers of three half-blocks, self-attention, attention to what an encoder made of a text of another
 * length, and a perceptron. Written as outside of this repository.
 */
import type { Value } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { normal, split } from "../../src/random/index.ts";
import { parts, rows } from "../../src/reformer/index.ts";

export const sizes = { batch: 2, length: 10, sourceLength: 7, width: 6, heads: 2, headWidth: 3 };
const { length, width, heads, headWidth } = sizes;
/** Neither this nor what is near divides the rows of a batch: the last chunk is smaller. */
const chunk = 8;

/** What all layers read: the text as an encoder left it, and a vector that says how to read it. */
export interface Shared {
  readonly source: Value;
  readonly manner: Value;
}
interface Head {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly output: Value;
}
type Part = { readonly shared: null; readonly own: Head };
type Context = { readonly shared: Shared; readonly own: null };

const attend = (q: Value, k: Value, v: Value, scores: (x: Value) => Value = (x) => x): Value =>
  np.matmul(nn.softmax(scores(np.matmul(q, np.swapaxes(k, 1, 2)))), v);
const leave = ({ own }: Part, mixed: Value): Value => np.matmul(mixed, own.output);

const selfAttention = parts("selfAttention", heads, {
  chunk,
  enter: ({ own }: Part, x) => ({
    q: np.matmul(x, own.query),
    k: np.matmul(x, own.key),
    v: np.matmul(x, own.value),
  }),
  mix: (_, { q, k, v }) => {
    const past = np.tri(length);
    return { out: attend(q, k, v, (x) => np.where(past, x, -1e9)), saved: null };
  },
  leave,
});
const crossAttention = parts("crossAttention", heads, {
  chunk,
  enter: ({ own }: Part, x, { shared }: Context) =>
    np.matmul(np.multiply(x, np.tanh(shared.manner)), own.query),
  mix: ({ own }, q, { shared: { source } }) => {
    const [k, v] = [own.key, own.value].map((kernel) => np.matmul(source, kernel));
    return { out: attend(q, k, v), saved: null };
  },
  leave: (part, mixed, { shared }) => np.multiply(leave(part, mixed), np.cos(shared.manner)),
});
const perceptron = rows("perceptron", chunk, (kernel: Value, x) => np.tanh(np.matmul(x, kernel)));
export const layer = [
  { name: "self", block: selfAttention },
  { name: "cross", block: crossAttention },
  { name: "perceptron", block: perceptron },
];

export interface LayerWeights {
  readonly self: { readonly shared: null; readonly parts: Head };
  readonly cross: { readonly shared: null; readonly parts: Head };
  readonly perceptron: Value;
}

export function initLayer(from: Value): LayerWeights {
  const [forSelf, forCross, forRows] = split(from, 3);
  const attention = (of: Value): LayerWeights["self"] => {
    const keys = split(of, 4);
    const kernel = (i: number, shape: number[]): Value => np.multiply(normal(keys[i], shape), 0.4);
    const [query, key, value] = [0, 1, 2].map((i) => kernel(i, [heads, width, headWidth]));
    const output = kernel(3, [heads, headWidth, width]);
    return { shared: null, parts: { query, key, value, output } };
  };
  const perceptron = normal(forRows, [width, width]);
  return { self: attention(forSelf), cross: attention(forCross), perceptron };
}
