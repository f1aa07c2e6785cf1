import type { Shape } from "../../../src/core/shape.ts";
import type { Tensor } from "../../../src/core/tensor.ts";
import type { ChunkedAttentionParams } from "../../../src/ir/attention.ts";
import type { Params } from "../../../src/ir/primitive.ts";
import { primitiveNamed } from "../../../src/ir/registry.ts";
import { smoothCase, type Generator } from "./case.ts";
import type { Draw } from "./draw.ts";

const rowShapes: readonly Shape[] = [[7], [1, 1], [0, 5], [3, 67], [2, 3, 6]];

const widthOf = (shape: Shape): number => shape[shape.length - 1];
const rowsOf = (shape: Shape): Shape => shape.slice(0, -1);

const layerNorm: Generator = {
  cases: rowShapes.map((shape) =>
    smoothCase(
      (draw) => [
        draw.distinct(shape),
        draw.floats([widthOf(shape)]),
        draw.floats([widthOf(shape)]),
      ],
      { epsilon: 0.01 },
    ),
  ),
  tolerance: 1e-5,
  rulesDiffer: true,
};

const layerNormBackward: Generator = {
  cases: rowShapes.map((shape) =>
    smoothCase((draw) => [
      draw.floats(shape),
      draw.floats([widthOf(shape)]),
      draw.floats(rowsOf(shape)),
      draw.floats(rowsOf(shape), 0.5, 2),
      draw.floats(shape),
    ]),
  ),
  tolerance: 1e-5,
  rulesDiffer: true,
};

const labelled = (draw: Draw, shape: Shape): [Tensor, Tensor] => [
  draw.floats(shape),
  draw.integers("i32", rowsOf(shape), -1, widthOf(shape)),
];

const softmaxCrossEntropy: Generator = {
  cases: rowShapes.map((shape) => smoothCase((draw) => labelled(draw, shape))),
  tolerance: 1e-5,
  rulesDiffer: true,
};

const softmaxCrossEntropyBackward: Generator = {
  cases: rowShapes.map((shape) =>
    smoothCase((draw) => [
      ...labelled(draw, shape),
      draw.floats(rowsOf(shape), 3, 4),
      draw.floats(rowsOf(shape)),
    ]),
  ),
  tolerance: 1e-5,
  rulesDiffer: true,
};

interface AttentionSetting {
  readonly groups: number;
  readonly rounds: number;
  readonly length: number;
  readonly widths: readonly [number, number];
  readonly options: Partial<ChunkedAttentionParams>;
}

const plain = {
  chunkLength: 1,
  before: 0,
  after: 0,
  causal: false,
  sameBucket: false,
  selfMask: null,
  duplicates: false,
  circular: false,
  masked: false,
  scale: 0.5,
  keepProbability: null,
};

const attentionSettings: readonly AttentionSetting[] = [
  { groups: 1, rounds: 1, length: 1, widths: [1, 1], options: {} },
  { groups: 0, rounds: 1, length: 2, widths: [3, 2], options: { chunkLength: 2 } },
  {
    groups: 1,
    rounds: 1,
    length: 6,
    widths: [3, 5],
    options: { chunkLength: 6, causal: true, masked: true },
  },
  {
    groups: 2,
    rounds: 2,
    length: 6,
    widths: [2, 3],
    options: {
      chunkLength: 2,
      before: 1,
      causal: true,
      sameBucket: true,
      selfMask: -1e5,
      duplicates: true,
    },
  },
  {
    groups: 1,
    rounds: 2,
    length: 6,
    widths: [3, 2],
    options: { chunkLength: 3, before: 1, circular: true, selfMask: -1e5, keepProbability: 0.75 },
  },
  {
    groups: 1,
    rounds: 1,
    length: 10,
    widths: [2, 2],
    options: { chunkLength: 2, before: 1, after: 1, masked: true, keepProbability: 0.5 },
  },
  {
    groups: 2,
    rounds: 2,
    length: 6,
    widths: [2, 3],
    options: {
      chunkLength: 2,
      before: 1,
      circular: true,
      selfMask: -1e5,
      duplicates: true,
      masked: true,
      pairs: true,
    },
  },
  {
    groups: 1,
    rounds: 3,
    length: 4,
    widths: [3, 2],
    options: { chunkLength: 2, before: 1, after: 1, circular: true, duplicates: "sameRound" },
  },
];

function attentionOperands(
  draw: Draw,
  { groups, rounds, length, widths, options }: AttentionSetting,
): Tensor[] {
  const { permutation, inverse } = draw.permutations(groups * rounds, length);
  const perRound = [groups, rounds, length];
  const words = (tensor: Tensor) => draw.fill("i32", perRound, (i) => tensor.words()[i]);
  return [
    draw.floats([groups, length, widths[0]]),
    draw.floats([groups, length, widths[0]]),
    draw.floats([groups, length, widths[1]]),
    words(permutation),
    words(inverse),
    draw.integers("i32", perRound, 0, 1),
    draw.integers("i32", options.pairs ? [groups, length, length] : [groups, length], 0, 1),
    draw.anyIntegers("u32", [groups, 2]),
  ];
}

const chunkedAttention: Generator = {
  cases: attentionSettings.map((setting) =>
    smoothCase((draw) => attentionOperands(draw, setting), { ...plain, ...setting.options }),
  ),
  tolerance: 1e-5,
  rulesDiffer: true,
};

/** What the forward operation gives for the operands: kernels rely on it. */
function attentionResults(
  draw: Draw,
  name: string,
  operands: readonly Tensor[],
  params: Params,
): Tensor[] {
  const { abstractEval, reference } = primitiveNamed(name);
  if (reference === "byProgram") throw new TypeError(`${name} has no reference`);
  const arrays = operands.map((operand) => ({ aval: operand.aval, words: operand.words() }));
  const results = abstractEval(
    operands.map((operand) => operand.aval),
    params,
  ).map(({ dtype, shape }) => draw.fill(dtype, shape, () => 0));
  const outputs = results.map((result) => ({ aval: result.aval, words: result.dataSync() }));
  reference(arrays, outputs, params);
  return outputs.map(({ words }, i) => draw.fill("f32", results[i].shape, (at) => words[at]));
}

const chunkedAttentionBackward: Generator = {
  cases: attentionSettings.map((setting) => {
    const params = { ...plain, ...setting.options };
    return smoothCase((draw) => {
      const operands = attentionOperands(draw, setting);
      const results = attentionResults(draw, "chunkedAttention", operands, params);
      return [...operands, ...results, ...results.map(({ shape }) => draw.floats(shape))];
    }, params);
  }),
  tolerance: 1e-5,
  rulesDiffer: true,
};

/** Every setting, with keys of their own and with queries as keys. */
const jointCases = (
  operandsOf: (draw: Draw, vectors: readonly Tensor[], params: Params) => readonly Tensor[],
): Generator["cases"] =>
  attentionSettings.flatMap((setting) =>
    [null, 1e-6].map((unitKeys) => {
      const params = { ...plain, ...setting.options, unitKeys };
      return smoothCase((draw) => {
        const [q, k, ...others] = attentionOperands(draw, setting);
        const vectors = unitKeys === null ? [q, k, ...others] : [q, ...others];
        return [...operandsOf(draw, vectors, params)];
      }, params);
    }),
  );

const jointAttention: Generator = {
  cases: jointCases((_, vectors) => vectors),
  tolerance: 1e-5,
  rulesDiffer: true,
};

const jointAttentionBackward: Generator = {
  cases: jointCases((draw, vectors, params) => {
    const results = attentionResults(draw, "jointAttention", vectors, params);
    return [...vectors, ...results, draw.floats(results[0].shape)];
  }),
  tolerance: 1e-5,
  rulesDiffer: true,
};

export const neuralGenerators = {
  chunkedAttention,
  chunkedAttentionBackward,
  jointAttention,
  jointAttentionBackward,
  layerNorm,
  layerNormBackward,
  softmaxCrossEntropy,
  softmaxCrossEntropyBackward,
} satisfies Record<string, Generator>;
