import type { DType } from "../../../src/core/dtype.ts";
import type { Shape } from "../../../src/core/shape.ts";
import { smoothCase, type Case, type Generator } from "./case.ts";
import { fixed } from "./draw.ts";

const dtypes: readonly DType[] = ["f32", fixed, "i32", "bool"];

/** One operand of every dtype. */
const ofOperand = (...settings: readonly (readonly [Shape, object])[]): Generator => ({
  cases: dtypes.flatMap((dtype) =>
    settings.map(([shape, params]) => smoothCase((draw) => [draw.values(dtype, shape)], params)),
  ),
});

const padParams: readonly (readonly [Shape, object])[] = [
  [[], { low: [], high: [], interior: [] }],
  [[0], { low: [2], high: [1], interior: [3] }],
  [[1], { low: [0], high: [4], interior: [2] }],
  [[5], { low: [-1], high: [-2], interior: [0] }],
  [[5], { low: [-2], high: [-3], interior: [2] }],
  [[3], { low: [-3], high: [0], interior: [0] }],
  [[2, 67], { low: [1, -3], high: [-1, 5], interior: [1, 2] }],
  [[2, 3, 5], { low: [0, 1, 0], high: [0, 0, 0], interior: [0, 0, 0] }],
];

const pad: Generator = {
  cases: dtypes.flatMap((dtype) =>
    padParams.map(([shape, params]) =>
      smoothCase((draw) => [draw.values(dtype, shape), draw.values(dtype, [])], params),
    ),
  ),
};

const partsAndAxis: readonly (readonly [readonly Shape[], number])[] = [
  [[[3]], 0],
  [[[0], [1], [4]], 0],
  [
    [
      [2, 3],
      [2, 0],
      [2, 67],
    ],
    1,
  ],
  [
    [
      [2, 3, 5],
      [1, 3, 5],
      [4, 3, 5],
    ],
    0,
  ],
  [
    [
      [2, 3, 5],
      [2, 1, 5],
    ],
    1,
  ],
];

const concatenate: Generator = {
  cases: dtypes.flatMap((dtype) =>
    partsAndAxis.map(([parts, axis]): Case =>
      smoothCase((draw) => parts.map((shape) => draw.values(dtype, shape)), { axis }),
    ),
  ),
};

export const structureGenerators = {
  broadcastInDim: ofOperand(
    [[], { shape: [2, 3], axes: [] }],
    [[1], { shape: [4, 67], axes: [1] }],
    [[3], { shape: [3, 2], axes: [0] }],
    [[2, 1], { shape: [2, 5, 7], axes: [0, 2] }],
    [[1, 1], { shape: [1, 1, 1], axes: [0, 2] }],
    [[0], { shape: [2, 0], axes: [1] }],
    [[1, 3], { shape: [0, 3], axes: [0, 1] }],
  ),
  concatenate,
  pad,
  reshape: ofOperand(
    [[], { shape: [1, 1] }],
    [[0, 3], { shape: [2, 0] }],
    [[3, 67], { shape: [67, 3] }],
    [[2, 3, 4], { shape: [4, 6] }],
    [[1], { shape: [] }],
  ),
  reverse: ofOperand(
    [[], { axes: [] }],
    [[0, 2], { axes: [0] }],
    [[1], { axes: [0] }],
    [[67], { axes: [0] }],
    [[2, 3, 5], { axes: [2, 0] }],
  ),
  slice: ofOperand(
    [[], { start: [], limit: [], strides: [] }],
    [[0], { start: [0], limit: [0], strides: [2] }],
    [[5], { start: [2], limit: [2], strides: [1] }],
    [[67], { start: [1], limit: [66], strides: [3] }],
    [[3, 70], { start: [1, 0], limit: [2, 69], strides: [1, 4] }],
    [[2, 3, 5], { start: [0, 1, 2], limit: [2, 3, 4], strides: [2, 1, 1] }],
  ),
  transpose: ofOperand(
    [[], { permutation: [] }],
    [[0, 3], { permutation: [1, 0] }],
    [[1, 5], { permutation: [1, 0] }],
    [[3, 67], { permutation: [1, 0] }],
    [[2, 3, 5], { permutation: [2, 0, 1] }],
  ),
} satisfies Record<string, Generator>;
