/** The programs of `small-programs.ts`, and single calls, in `@jax-js/jax`: arrays are owned, so that each further use says `.ref`. */
import {
  blockUntilReady,
  defaultDevice,
  grad,
  init,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
  type Array as PeerArray,
} from "@jax-js/jax";
import { blockSizes, lstmSizes, numbers } from "./small-programs.ts";

/** What a call gives first: both libraries have to compute the same. */
export type Call = () => number;

const matrix = (seed: number, shape: number[], scale?: number): PeerArray =>
  np.array(new Float32Array(numbers(seed, shape, scale))).reshape(shape);

/** Reads what was computed, as it computes nothing before; the arrays are freed. */
const read = (x: PeerArray): number => x.dataSync()[0];

function lstmLoss(
  { kernel, bias }: { kernel: PeerArray; bias: PeerArray },
  inputs: PeerArray,
): PeerArray {
  const { width, steps, batch } = lstmSizes;
  let [hidden, cell] = [np.zeros([batch, width]), np.zeros([batch, width])];
  const shown: PeerArray[] = [];
  for (let step = 0; step < steps; step++) {
    const joined = np.concatenate([inputs.ref.slice(step), hidden], 1);
    const gates = np.matmul(joined, kernel.ref).add(bias.ref);
    const [enter, forget, leave, update] = np.split(gates, 4, 1);
    cell = nn
      .sigmoid(forget)
      .mul(cell)
      .add(nn.sigmoid(enter).mul(np.tanh(update)));
    hidden = nn.sigmoid(leave).mul(np.tanh(cell.ref));
    shown.push(hidden.ref);
  }
  return np.mean(np.square(np.stack(shown)));
}

/** It has no scan: the steps are unrolled. */
function lstmStep(): Call {
  const { width, steps, batch } = lstmSizes;
  const params = { kernel: matrix(1, [2 * width, 4 * width]), bias: np.zeros([4 * width]) };
  const inputs = matrix(2, [steps, batch, width]);
  const both = jit(valueAndGrad(lstmLoss));
  return () => {
    const [loss, gradient] = both(tree.ref(params), inputs.ref);
    Object.values(gradient).forEach(read);
    return read(loss);
  };
}

interface Norm {
  gamma: PeerArray;
  beta: PeerArray;
}

const layerNorm = ({ gamma, beta }: Norm, x: PeerArray): PeerArray =>
  nn.standardize(x, -1).mul(gamma).add(beta);

interface Block {
  q: PeerArray;
  k: PeerArray;
  v: PeerArray;
  output: PeerArray;
  up: PeerArray;
  down: PeerArray;
  first: Norm;
  second: Norm;
}

function blockLoss(params: Block, input: PeerArray): PeerArray {
  const { width, length, batch, heads } = blockSizes;
  const { output, up, down, first, second } = params;
  const split = (x: PeerArray): PeerArray =>
    np.transpose(np.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
  const normed = layerNorm(first, input.ref);
  const q = split(np.matmul(normed.ref, params.q));
  const k = split(np.matmul(normed.ref, params.k));
  const v = split(np.matmul(normed, params.v));
  const logits = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul((width / heads) ** -0.5);
  const mixed = np.transpose(np.matmul(nn.softmax(logits), v), [0, 2, 1, 3]);
  const attended = input.add(np.matmul(np.reshape(mixed, [batch, length, width]), output));
  const inner = nn.gelu(np.matmul(layerNorm(second, attended.ref), up));
  return np.mean(np.square(attended.add(np.matmul(inner, down))));
}

function blockStep(): Call {
  const { width, length, batch } = blockSizes;
  const norm = (): Norm => ({ gamma: np.ones([width]), beta: np.zeros([width]) });
  const params = {
    q: matrix(3, [width, width]),
    k: matrix(4, [width, width]),
    v: matrix(5, [width, width]),
    output: matrix(6, [width, width]),
    up: matrix(7, [width, 4 * width]),
    down: matrix(8, [4 * width, width]),
    first: norm(),
    second: norm(),
  };
  const input = matrix(9, [batch, length, width], 1);
  const both = jit(valueAndGrad(blockLoss));
  return () => {
    const [loss, gradient] = both(tree.ref(params), input.ref);
    tree.leaves(gradient).forEach(read);
    return read(loss);
  };
}

/** The calls under the names that `measures/small.ts` gives its own. */
export async function peerCalls(): Promise<ReadonlyMap<string, Call>> {
  await init("wasm");
  defaultDevice("wasm");
  const [x, y] = [np.full([16, 64], 0.5), np.full([16, 64], 0.25)];
  const [gamma, beta] = [np.ones([64]), np.zeros([64])];
  await blockUntilReady([x.ref, y.ref, gamma.ref, beta.ref]);
  const add = jit((a: PeerArray, b: PeerArray) => np.add(a, b));
  const gradient = grad((a: PeerArray) => np.sum(np.square(np.sin(a))));
  const newZeros = (use: number): PeerArray => np.array(new Float32Array(1 + (use % 3000)));
  let uses = 0;
  return new Map<string, Call>([
    ["eager add", () => read(np.add(x.ref, y.ref))],
    ["eager layer norm", () => read(layerNorm({ gamma: gamma.ref, beta: beta.ref }, x.ref))],
    ["eager gradient of sum(sin(x)^2)", () => read(gradient(x.ref))],
    ["eager add, a new shape", () => read(np.add(newZeros(++uses), newZeros(uses)))],
    ["jit of add", () => read(add(x.ref, y.ref))],
    ["LSTM step", lstmStep()],
    ["transformer block step", blockStep()],
  ]);
}
