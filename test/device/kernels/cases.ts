/** What is measured: every kernel at the sizes of a model of 65,536 tokens, 512 wide, with 8 heads of 64. */
import type { Shape } from "../../../src/core/shape.ts";
import type { Value } from "../../../src/index.ts";
import * as ops from "../../../src/ir/ops.ts";
import type { JointAttentionParams } from "../../../src/ir/attention.ts";
import { floats, indices, lists, sorted, type Filled } from "./inputs.ts";

export interface KernelCase {
  readonly name: string;
  readonly inputs: readonly Filled[];
  readonly compute: (...inputs: Value[]) => readonly Value[];
  /** It is one matrix product, which has variants. */
  readonly isProduct?: true;
}

/** The sizes that cases are made of. */
export interface Sizes {
  /** Side of the large square product. */
  readonly side: number;
  /** Numbers in the elementwise chain. */
  readonly chain: number;
  readonly tokens: number;
  readonly width: number;
  readonly inner: number;
  readonly headWidth: number;
  readonly heads: number;
  readonly rounds: number;
  readonly chunk: number;
  readonly vocabulary: number;
}

/** As the model of enwik8 has them, and so small that a driver for CPUs is through with them. */
export const sizes: Readonly<Record<"full" | "small", Sizes>> = {
  full: {
    side: 4096,
    chain: 2 ** 28,
    tokens: 65_536,
    width: 512,
    inner: 2048,
    headWidth: 64,
    heads: 8,
    rounds: 2,
    chunk: 64,
    vocabulary: 256,
  },
  small: {
    side: 64,
    chain: 4096,
    tokens: 256,
    width: 64,
    inner: 128,
    headWidth: 16,
    heads: 2,
    rounds: 2,
    chunk: 64,
    vocabulary: 64,
  },
};

export const casesOf = (s: Sizes): readonly KernelCase[] => [
  ...products(s),
  ...elementwise(s),
  ...rows(s),
  ...attention(s),
  ...moving(s),
];

/** C = A B, or with the first axis of A summed over, as gradients of matrices are. */
function product(name: string, m: number, k: number, n: number, transposed = false): KernelCase {
  return {
    name: `matmul ${name}: ${m} x ${k} x ${n}`,
    inputs: [floats(transposed ? [k, m] : [m, k]), floats([k, n])],
    compute: (a, b) => [
      ops.dotGeneral(a, b, {
        lhsContract: [transposed ? 0 : 1],
        rhsContract: [0],
        lhsBatch: [],
        rhsBatch: [],
      }),
    ],
    isProduct: true,
  };
}

const products = ({ side, tokens, width, inner, headWidth, vocabulary }: Sizes) => [
  product("square", side, side, side),
  product("into the feed-forward layer", tokens, width, inner),
  product("out of it", tokens, inner, width),
  product("its gradient", width, tokens, inner, true),
  product("into a head", tokens, width, headWidth),
  product("out of a head", tokens, headWidth, width),
  product("a head's gradient", width, tokens, headWidth, true),
  product("logits", tokens, 2 * width, vocabulary),
];

const elementwise = ({ chain, tokens, width }: Sizes): readonly KernelCase[] => [
  {
    name: "elementwise chain",
    inputs: [floats([chain])],
    compute: (x) => [ops.max(ops.scale(ops.add(ops.scale(x, 1.5), x), 0.5), ops.zerosLike(x))],
  },
  {
    name: "elementwise tanh",
    inputs: [floats([tokens, width])],
    compute: (x) => [ops.tanh(x)],
  },
  {
    name: "a contribution added to a stream",
    inputs: [floats([tokens, width]), indices([tokens, width], 2 ** 20, "q32.20")],
    compute: (x, stream) => [ops.fixedAdd(stream, ops.toFixed(x, 20))],
  },
];

const rows = ({ tokens, width, inner, vocabulary }: Sizes): readonly KernelCase[] => [
  {
    name: "layerNorm",
    inputs: [floats([tokens, width]), floats([width]), floats([width])],
    compute: (...inputs) => ops.bindNamed("layerNorm", inputs, { epsilon: 1e-6 }),
  },
  {
    name: "layerNormBackward",
    inputs: [[tokens, width], [width], [tokens], [tokens], [tokens, width]].map(floats),
    compute: (...inputs) => ops.bindNamed("layerNormBackward", inputs),
  },
  {
    name: "reduceSum of columns",
    inputs: [floats([tokens, inner])],
    compute: (x) => [ops.reduceSum(x, [0])],
  },
  {
    name: "reduceSum of rows",
    inputs: [floats([tokens, inner])],
    compute: (x) => [ops.reduceSum(x, [1])],
  },
  {
    name: "cumSum",
    inputs: [floats([tokens, width])],
    compute: (x) => [ops.cumSum(x, 0)],
  },
  {
    name: "softmaxCrossEntropy",
    inputs: [floats([tokens, vocabulary]), indices([tokens], vocabulary)],
    compute: (...inputs) => ops.bindNamed("softmaxCrossEntropy", inputs),
  },
  {
    name: "softmaxCrossEntropyBackward",
    inputs: [
      floats([tokens, vocabulary]),
      indices([tokens], vocabulary),
      floats([tokens]),
      floats([tokens]),
    ],
    compute: (...inputs) => ops.bindNamed("softmaxCrossEntropyBackward", inputs),
  },
];

/** One head's attention, and that of all heads at once, in the order of buckets. */
function attention(s: Sizes): readonly KernelCase[] {
  const { tokens, headWidth, heads, rounds, chunk } = s;
  const buckets = (2 * tokens) / chunk;
  const factors = buckets >= 64 ? [32, buckets / 32] : [buckets];
  const half = factors.reduce((sum, factor) => sum + factor, 0) / 2;
  const params: JointAttentionParams = {
    chunkLength: chunk,
    before: 1,
    after: 0,
    causal: true,
    sameBucket: true,
    selfMask: -1e5,
    duplicates: true,
    circular: false,
    masked: false,
    scale: 1 / Math.sqrt(headWidth),
    keepProbability: null,
    unitKeys: 1e-6,
  };
  return [1, heads].flatMap((groups): readonly KernelCase[] => {
    const vectors = floats([groups, tokens, headWidth]);
    const slots = sorted(groups * rounds, tokens, buckets);
    const shape: Shape = [groups, rounds, tokens];
    const all = [
      vectors,
      vectors,
      ...slots.map((words) => lists(shape, words)),
      indices([groups, tokens], 1),
      indices([groups, 2], 2 ** 31, "u32"),
    ];
    const label = `${groups} x ${tokens}, ${rounds} rounds`;
    return [
      {
        name: `jointAttention ${label}`,
        inputs: all,
        compute: (...inputs) => ops.bindNamed("jointAttention", inputs, params),
      },
      {
        name: `jointAttentionBackward ${label}`,
        inputs: [...all, vectors, floats([groups, tokens]), vectors],
        compute: (...inputs) => ops.bindNamed("jointAttentionBackward", inputs, params),
      },
      {
        name: `lshHash ${label}`,
        inputs: [vectors, floats([groups, headWidth, rounds, half])],
        compute: (...inputs) => ops.bindNamed("lshHash", inputs, { sizes: factors }),
      },
      {
        name: `bucketSort ${label}`,
        inputs: [indices(shape, buckets)],
        compute: (...inputs) => ops.bindNamed("bucketSort", inputs, { numBuckets: buckets }),
      },
    ];
  });
}

const moving = ({ tokens, width, vocabulary }: Sizes): readonly KernelCase[] => [
  {
    name: "gather of rows",
    inputs: [floats([vocabulary, width]), indices([tokens], vocabulary)],
    compute: (table, at) => [ops.gather(table, at)],
  },
  {
    name: "scatterAdd of rows",
    inputs: [floats([vocabulary, width]), indices([tokens], vocabulary), floats([tokens, width])],
    compute: (table, at, updates) => [ops.scatterAdd(table, at, updates)],
  },
  {
    name: "transposed copy",
    inputs: [floats([tokens, width])],
    compute: (x) => [ops.transpose(x, [1, 0])],
  },
  {
    name: "randomBits",
    inputs: [indices([2], 2 ** 31, "u32")],
    compute: (key) => ops.bindNamed("randomBits", [key], { shape: [tokens, width] }),
  },
];
