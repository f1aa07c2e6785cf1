import type { Shape } from "../../../src/core/shape.ts";
import type { ContractSpec } from "../../../src/ir/lowering.ts";
import { roughCase, smoothCase, type Case, type Generator } from "./case.ts";
import type { Draw } from "./draw.ts";

type Setting = readonly [Shape, { readonly axes: readonly number[] }];

const settings: readonly Setting[] = [
  [[], { axes: [] }],
  [[0], { axes: [0] }],
  [[1], { axes: [0] }],
  [[67], { axes: [0] }],
  [[3, 70], { axes: [0] }],
  [[3, 70], { axes: [1] }],
  [[2, 3, 5], { axes: [0, 2] }],
  [[2, 3, 5], { axes: [2, 1, 0] }],
  [[2, 0, 5], { axes: [1] }],
  [[2, 3], { axes: [] }],
];

const integers = (["i32", "u32"] as const).flatMap((dtype) =>
  settings.map(([shape, params]) => roughCase((draw) => [draw.anyIntegers(dtype, shape)], params)),
);

const sum: Generator = {
  cases: [
    ...settings.map(([shape, params]) => smoothCase((draw) => [draw.floats(shape)], params)),
    ...integers,
  ],
  tolerance: 1e-5,
};

/** Magnitudes near 1, and with zeros among the factors. */
const product: Generator = {
  cases: [
    ...settings.map(([shape, params]) =>
      smoothCase((draw) => [draw.signed(shape, 0.9, 1.1)], params),
    ),
    ...settings.map(([shape, params]) =>
      smoothCase((draw) => {
        const factors = draw.signed(shape, 0.9, 1.1).words();
        return [draw.fill("f32", shape, (i) => (i % 5 < 2 ? 0 : factors[i]))];
      }, params),
    ),
    ...integers,
  ],
  tolerance: 1e-5,
};

/** The extremum of nothing is infinite, so those cases are not smooth. */
const extremum: Generator = {
  cases: [
    ...settings.map(([shape, params]): Case => ({
      draw: (draw) => [draw.distinct(shape)],
      params,
      smooth: !shape.includes(0),
    })),
    roughCase((draw) => [draw.anyFloats([4, 67])], { axes: [1] }),
    roughCase((draw) => [draw.integers("f32", [4, 67], 0, 2)], { axes: [0] }),
    ...integers,
  ],
};

const logical: Generator = {
  cases: settings.flatMap(([shape, params]) => [
    roughCase((draw) => [draw.bools(shape)], params),
    roughCase((draw) => [draw.integers("bool", shape, 1, 1)], params),
    roughCase((draw) => [draw.integers("bool", shape, 0, 0)], params),
  ]),
};

const contraction = (
  lhsContract: readonly number[],
  rhsContract: readonly number[],
  lhsBatch: readonly number[] = [],
  rhsBatch: readonly number[] = [],
): ContractSpec => ({ lhsBatch, rhsBatch, lhsContract, rhsContract });

const contractions: readonly (readonly [Shape, Shape, ContractSpec])[] = [
  [[], [], contraction([], [])],
  [[5], [5], contraction([0], [0])],
  [[0], [0], contraction([0], [0])],
  [[3, 0], [0, 2], contraction([1], [0])],
  [[2, 67], [67, 3], contraction([1], [0])],
  [[67, 2], [3, 67], contraction([0], [1])],
  [[1, 1], [1, 1], contraction([1], [0])],
  [[2, 300], [300], contraction([1], [0])],
  [[4], [5], contraction([], [])],
  [[2, 3, 5], [2, 5, 4], contraction([2], [1], [0], [0])],
  [[3, 2, 5], [5, 4, 2], contraction([2], [0], [1], [2])],
  [[2, 3, 4, 5], [5, 3, 7, 2], contraction([3, 1], [0, 1], [0], [3])],
  [[3, 2, 2, 5], [2, 3, 5, 2], contraction([3], [2], [1, 0], [3, 1])],
];

const dotGeneral: Generator = {
  cases: contractions.map(([lhs, rhs, spec]) =>
    smoothCase((draw: Draw) => [draw.floats(lhs), draw.floats(rhs)], spec),
  ),
  tolerance: 1e-5,
};

export const reductionGenerators = {
  dotGeneral,
  reduceAnd: logical,
  reduceMax: extremum,
  reduceMin: extremum,
  reduceOr: logical,
  reduceProduct: product,
  reduceSum: sum,
} satisfies Record<string, Generator>;
