/** Programs that people try a library with: what they compute is small beside what it takes to ask for it. */
import { jit, scan, Tensor, valueAndGrad, type Value } from "../src/index.ts";
import * as nn from "../src/nn/index.ts";
import * as np from "../src/numpy/index.ts";
import { key, normal } from "../src/random/index.ts";

/** The same numbers for both libraries. */
export const numbers = (seed: number, shape: readonly number[], scale = 0.05): Float32Array => {
  const values = normal(key(seed), shape);
  if (!(values instanceof Tensor)) throw new Error("not computed");
  return Float32Array.from(values.dataSync(), (x) => x * scale);
};

const matrix = (seed: number, shape: readonly number[], scale?: number): Value =>
  np.reshape(numbers(seed, shape, scale), shape);

export const lstmSizes = { width: 32, steps: 20, batch: 16 };

/** Loss and gradient of an LSTM that a scan unrolls; about 10 MFLOP. */
export function lstmStep(): () => Value {
  const { width, steps, batch } = lstmSizes;
  const params = {
    kernel: matrix(1, [2 * width, 4 * width]),
    bias: np.zeros([4 * width]),
  };
  const inputs = matrix(2, [steps, batch, width]);
  const still = (): Value => np.zeros([batch, width]);
  const loss = ({ kernel, bias }: typeof params): Value => {
    const step = (
      [hidden, cell]: readonly [Value, Value],
      input: Value,
    ): [readonly [Value, Value], Value] => {
      const joined = np.concatenate([input, hidden], 1);
      const [enter, forget, leave, update] = np.split(
        np.add(np.matmul(joined, kernel), bias),
        4,
        1,
      );
      const next = np.add(
        np.multiply(nn.sigmoid(forget), cell),
        np.multiply(nn.sigmoid(enter), np.tanh(update)),
      );
      const shown = np.multiply(nn.sigmoid(leave), np.tanh(next));
      return [[shown, next], shown];
    };
    return np.mean(np.square(scan(step, [still(), still()], inputs)[1]));
  };
  const both = jit(valueAndGrad(loss));
  return () => both(params)[0];
}

export const blockSizes = { width: 64, length: 32, batch: 4, heads: 4 };

/** Loss and gradient of a transformer block; about 38 MFLOP. */
export function blockStep(): () => Value {
  const { width, length, batch, heads } = blockSizes;
  const norm = (): nn.LayerNormParams => ({ gamma: np.ones([width]), beta: np.zeros([width]) });
  const params = {
    projections: [3, 4, 5].map((seed) => matrix(seed, [width, width])),
    output: matrix(6, [width, width]),
    up: matrix(7, [width, 4 * width]),
    down: matrix(8, [4 * width, width]),
    norms: [norm(), norm()],
  };
  const input = matrix(9, [batch, length, width], 1);
  const headWidth = width / heads;
  const split = (x: Value): Value =>
    np.transpose(np.reshape(x, [batch, length, heads, headWidth]), [0, 2, 1, 3]);
  const loss = ({ projections, output, up, down, norms }: typeof params): Value => {
    const normed = nn.layerNorm(norms[0], input);
    const [q, k, v] = projections.map((kernel) => split(np.matmul(normed, kernel)));
    const logits = np.multiply(np.matmul(q, np.transpose(k, [0, 1, 3, 2])), headWidth ** -0.5);
    const mixed = np.transpose(np.matmul(nn.softmax(logits), v), [0, 2, 1, 3]);
    const attended = np.add(input, np.matmul(np.reshape(mixed, [batch, length, width]), output));
    const inner = nn.gelu(np.matmul(nn.layerNorm(norms[1], attended), up));
    return np.mean(np.square(np.add(attended, np.matmul(inner, down))));
  };
  const both = jit(valueAndGrad(loss));
  return () => both(params)[0];
}
