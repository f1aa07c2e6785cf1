import type { DType } from "../../../src/core/dtype.ts";
import type { Shape } from "../../../src/core/shape.ts";
import { roughCase, shapes, smoothCase, type Case, type Generator } from "./case.ts";
import { fixed } from "./draw.ts";

type RowSetting = readonly [x: Shape, indices: Shape, batchDims: number];

const rowSettings: readonly RowSetting[] = [
  [[5], [], 0],
  [[5], [0], 0],
  [[1], [3], 0],
  [[6, 67], [9], 0],
  [[4, 3, 2], [2, 5], 0],
  [[3, 5, 2], [3, 7], 1],
  [[2, 3, 4], [2, 3, 5], 2],
  [[0, 4, 3], [0, 2], 1],
];

/** Of `gather`: every dtype. */
const gather: Generator = {
  cases: (["f32", fixed, "i32"] as const).flatMap((dtype) =>
    rowSettings.map(([x, indices, batchDims]) =>
      smoothCase((draw) => [draw.values(dtype, x), draw.integers("i32", indices, -1, 6)], {
        batchDims,
      }),
    ),
  ),
};

const scatterAdd: Generator = {
  cases: (["f32", "i32", "u32"] as const).flatMap((dtype) =>
    rowSettings.map(([x, indices, batchDims]) => {
      const updates = [...indices, ...x.slice(batchDims + 1)];
      return smoothCase(
        (draw) => [
          draw.values(dtype, x),
          draw.integers("i32", indices, -1, 6),
          draw.values(dtype, updates),
        ],
        { batchDims },
      );
    }),
  ),
};

const blockSettings: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[5], [0]],
  [[1], [1]],
  [[67], [30]],
  [
    [3, 70],
    [2, 70],
  ],
  [
    [4, 3, 5],
    [2, 2, 3],
  ],
  [
    [4, 3, 5],
    [1, 3, 5],
  ],
];

const blockDTypes: readonly DType[] = ["f32", fixed, "i32"];

const dynamicSlice: Generator = {
  cases: blockDTypes.flatMap((dtype) =>
    blockSettings.map(([shape, sizes]) =>
      smoothCase(
        (draw) => [draw.values(dtype, shape), ...shape.map(() => draw.integers("i32", [], -2, 6))],
        { sizes },
      ),
    ),
  ),
};

const dynamicUpdateSlice: Generator = {
  cases: blockDTypes.flatMap((dtype) =>
    blockSettings.map(([shape, sizes]) =>
      smoothCase((draw) => [
        draw.values(dtype, shape),
        draw.values(dtype, sizes),
        ...shape.map(() => draw.integers("i32", [], -2, 6)),
      ]),
    ),
  ),
};

const iota: Generator = {
  cases: (["f32", "i32", "u32"] as const).flatMap((dtype) =>
    [[0], [1], [67], [2, 3, 5]].flatMap((shape) =>
      shape.map((_, axis) => ({
        ...roughCase(() => [], { dtype, shape, axis }),
        isNullary: true,
      })),
    ),
  ),
};

const axisSettings: readonly (readonly [Shape, number])[] = [
  [[1], 0],
  [[67], 0],
  [[3, 70], 0],
  [[3, 70], 1],
  [[2, 3, 5], 1],
  [[0, 3], 1],
];

const cumSum: Generator = {
  cases: [true, false].flatMap((reverse) => [
    ...[...axisSettings, [[0], 0] as const].map(([shape, axis]) =>
      smoothCase((draw) => [draw.floats(shape)], { axis, reverse }),
    ),
    ...(["i32", "u32"] as const).map((dtype) =>
      roughCase((draw) => [draw.anyIntegers(dtype, [3, 70])], { axis: 1, reverse }),
    ),
  ]),
};

const argExtremum: Generator = {
  cases: axisSettings.flatMap(([shape, axis]): Case[] => [
    roughCase((draw) => [draw.integers("f32", shape, 0, 5)], { axis }),
    roughCase((draw) => [draw.anyFloats(shape)], { axis }),
    roughCase((draw) => [draw.anyIntegers("i32", shape)], { axis }),
    roughCase((draw) => [draw.anyIntegers("u32", shape)], { axis }),
  ]),
};

const sortShapes: readonly Shape[] = [[0], [1], [67], [3, 70], [2, 3, 5], [0, 4]];

const sort: Generator = {
  cases: sortShapes.flatMap((shape): Case[] => [
    smoothCase((draw) => [draw.distinct(shape)]),
    roughCase((draw) => [draw.integers("f32", shape, 0, 5)]),
    roughCase((draw) => [draw.anyFloats(shape)]),
    roughCase((draw) => [draw.anyIntegers("i32", shape)]),
    roughCase((draw) => [draw.anyIntegers("u32", shape)]),
  ]),
};

const threefry2x32: Generator = {
  cases: shapes.map((shape) =>
    roughCase((draw) => [0, 1, 2, 3].map(() => draw.anyIntegers("u32", shape))),
  ),
};

const randomBits: Generator = {
  cases: [[], [0], [1], [67], [3, 5]].flatMap((shape) =>
    [[2], [3, 2], [2, 2, 2]].map((key) =>
      roughCase((draw) => [draw.anyIntegers("u32", key)], { shape }),
    ),
  ),
};

/** Groups, tokens, width; rotation groups; rounds; factors. */
const hashSettings: readonly (readonly [Shape, number, number, readonly number[]])[] = [
  [[1, 1, 1], 1, 1, [2]],
  [[2, 0, 4], 1, 2, [4]],
  [[2, 67, 5], 2, 3, [6]],
  [[4, 5, 16], 2, 1, [4, 6]],
  [[2, 3, 300], 1, 2, [8]],
];

const lshHash: Generator = {
  cases: hashSettings.map(([x, groups, rounds, sizes]) => {
    const columns = sizes.reduce((sum, size) => sum + size / 2, 0);
    return roughCase((draw) => [draw.floats(x), draw.floats([groups, x[2], rounds, columns])], {
      sizes,
    });
  }),
};

const bucketSort: Generator = {
  cases: [[0], [1], [67], [3, 70], [2, 3, 5]].flatMap((shape) =>
    [1, 4, 100].map((numBuckets) =>
      roughCase((draw) => [draw.integers("i32", shape, -1, numBuckets)], { numBuckets }),
    ),
  ),
};

const permute: Generator = {
  cases: (["f32", fixed, "i32"] as const).flatMap((dtype) =>
    [
      [1, 1, 1],
      [2, 5, 3],
      [1, 67, 7],
      [3, 4, 0],
      [0, 2, 3],
    ].map((shape) =>
      smoothCase((draw) => {
        const { permutation, inverse } = draw.permutations(shape[0], shape[1]);
        return [draw.values(dtype, shape), permutation, inverse];
      }),
    ),
  ),
};

const offload: Generator = {
  cases: (["f32", fixed, "i32", "bool"] as const).flatMap((dtype) =>
    shapes.map((shape) => smoothCase((draw) => [draw.values(dtype, shape)])),
  ),
};

export const dataGenerators = {
  argMax: argExtremum,
  argMin: argExtremum,
  bucketSort,
  cumSum,
  dynamicSlice,
  dynamicUpdateSlice,
  gather,
  iota,
  lshHash,
  offload,
  permute,
  randomBits,
  scatterAdd,
  sort,
  threefry2x32,
} satisfies Record<string, Generator>;
