import type { DType } from "../../../src/core/dtype.ts";
import type { Shape } from "../../../src/core/shape.ts";
import type { Tensor } from "../../../src/core/tensor.ts";
import { integerCases, roughCase, shapes, smoothCase, type Case, type Generator } from "./case.ts";
import { Draw, fixed } from "./draw.ts";

type Domain = (draw: Draw, shape: Shape) => Tensor;

const between =
  (low: number, high: number): Domain =>
  (draw, shape) =>
    draw.floats(shape, low, high);
const everywhere = between(-2, 2);
const awayFromZero: Domain = (draw, shape) => draw.signed(shape);
const betweenIntegers: Domain = (draw, shape) => draw.betweenIntegers(shape);

/** Operands from the given domains at all shapes, and any floats whatever. */
const floatCases = (...domains: readonly Domain[]): Case[] => [
  ...shapes.map((shape) => smoothCase((draw) => domains.map((domain) => domain(draw, shape)))),
  roughCase((draw) => domains.map(() => draw.anyFloats([1027]))),
];

const floats = (...domains: readonly Domain[]): Generator => ({ cases: floatCases(...domains) });

const numbers = (...domains: readonly Domain[]): Generator => ({
  cases: [...floatCases(...domains), ...integerCases(["i32", "u32"], domains.length)],
});

const words = (dtypes: readonly DType[], count: number): Generator => ({
  cases: integerCases(dtypes, count),
});

const logical = (count: number): Generator => words(["i32", "u32", "bool"], count);

/** Comparisons: no derivatives; equal operands are frequent. */
const comparison: Generator = {
  cases: [
    roughCase((draw) => [draw.anyFloats([1027]), draw.anyFloats([1027])]),
    ...shapes.map((shape) =>
      roughCase((draw) => [draw.integers("f32", shape, 0, 2), draw.integers("f32", shape, 0, 2)]),
    ),
    ...integerCases(["i32", "u32", "bool"], 2),
  ],
};

const shift: Generator = {
  cases: (["i32", "u32"] as const).flatMap((dtype) =>
    (["i32", "u32"] as const).flatMap((distance) => [
      ...shapes.map((shape) =>
        roughCase((draw) => [
          draw.anyIntegers(dtype, shape),
          draw.integers(distance, shape, 0, 40),
        ]),
      ),
      ...[0, 13, 31, 32, 40].map((all) =>
        roughCase((draw) => [
          draw.anyIntegers(dtype, [37]),
          draw.integers(distance, [37], all, all),
        ]),
      ),
    ]),
  ),
};

/** The operand's numbers keep 1/4 of distance from those of the other. */
const apart = (draw: Draw, shape: Shape): readonly Tensor[] => {
  const first = draw.floats(shape);
  const words = first.words();
  return [first, draw.fill("f32", shape, (i) => words[i] + draw.signed([], 0.25, 1).item())];
};

const extremum: Generator = {
  cases: [
    ...shapes.map((shape) => smoothCase((draw) => apart(draw, shape))),
    roughCase((draw) => [draw.anyFloats([1027]), draw.anyFloats([1027])]),
    ...integerCases(["i32", "u32"], 2),
  ],
};

/** x lies far from the multiples of y. */
const remainder: Generator = {
  cases: [
    ...shapes.map((shape) =>
      smoothCase((draw) => {
        const y = draw.floats(shape, 1, 2);
        const divisors = y.words();
        return [
          draw.fill("f32", shape, (i) => {
            const x = divisors[i] * (draw.integer(-3, 2) + draw.number(0.4, 0.6));
            return Math.round(x * 1024) / 1024;
          }),
          y,
        ];
      }),
    ),
    roughCase((draw) => [draw.anyFloats([1027]), draw.anyFloats([1027])]),
    ...integerCases(["i32", "u32"], 2),
  ],
};

const select: Generator = {
  cases: (["f32", fixed, "i32", "u32", "bool"] as const).flatMap((dtype) =>
    shapes.map((shape) =>
      smoothCase((draw) => [
        draw.bools(shape),
        draw.values(dtype, shape),
        draw.values(dtype, shape),
      ]),
    ),
  ),
};

const convertible = ["f32", "i32", "u32", "bool"] as const;

const convert: Generator = {
  cases: convertible.flatMap((dtype) =>
    convertible.flatMap((to) => [
      ...shapes.map((shape) =>
        to === "f32"
          ? smoothCase((draw) => [draw.values(dtype, shape)], { dtype: to })
          : roughCase((draw) => [draw.values(dtype, shape)], { dtype: to }),
      ),
      ...(dtype === "f32" ? [roughCase((draw) => [draw.anyFloats([1027])], { dtype: to })] : []),
    ]),
  ),
};

const withBits = ["f32", "i32", "u32", fixed] as const;

const bitcast: Generator = {
  cases: withBits.flatMap((dtype) =>
    withBits.flatMap((to) =>
      shapes.map((shape) => roughCase((draw) => [draw.values(dtype, shape)], { dtype: to })),
    ),
  ),
};

/** Its derivative is zero by definition, so finite differences tell nothing. */
const stopGradient: Generator = {
  cases: (["f32", "i32", "u32", "bool", fixed] as const).flatMap((dtype) =>
    shapes.map((shape) => roughCase((draw) => [draw.values(dtype, shape)])),
  ),
};

const toFixed: Generator = {
  cases: [
    ...shapes.map((shape) => smoothCase((draw) => [draw.floats(shape)], { fractionBits: 20 })),
    ...[0, 4, 30].map((fractionBits) =>
      roughCase((draw) => [draw.anyFloats([1027])], { fractionBits }),
    ),
  ],
};

const onFixed = (count: number): Generator => ({
  cases: [
    ...shapes.map((shape) =>
      smoothCase((draw) => Array.from({ length: count }, () => draw.fixedNumbers(shape))),
    ),
    roughCase((draw) => Array.from({ length: count }, () => draw.anyIntegers(fixed, [67]))),
  ],
});

export const elementwiseGenerators = {
  abs: numbers(awayFromZero),
  add: numbers(everywhere, everywhere),
  and: logical(2),
  atan2: floats(between(0.5, 2), everywhere),
  bitcast,
  ceil: floats(betweenIntegers),
  convert,
  cos: floats(everywhere),
  div: numbers(everywhere, between(0.5, 2)),
  eq: comparison,
  erf: floats(everywhere),
  erfInv: floats(between(-0.75, 0.75)),
  exp: floats(everywhere),
  expm1: floats(everywhere),
  fixedAdd: onFixed(2),
  fixedSub: onFixed(2),
  floor: floats(betweenIntegers),
  fromFixed: onFixed(1),
  ge: comparison,
  gt: comparison,
  le: comparison,
  log: floats(between(0.5, 4)),
  log1p: floats(between(-0.5, 4)),
  logistic: floats(everywhere),
  lt: comparison,
  max: extremum,
  min: extremum,
  mul: numbers(everywhere, everywhere),
  ne: comparison,
  neg: numbers(everywhere),
  not: logical(1),
  or: logical(2),
  pow: floats(between(0.5, 2), everywhere),
  rem: remainder,
  round: floats(betweenIntegers),
  select,
  shiftLeft: shift,
  shiftRightArithmetic: shift,
  shiftRightLogical: shift,
  sign: numbers(awayFromZero),
  sin: floats(everywhere),
  sqrt: floats(between(0.5, 4)),
  stopGradient,
  sub: numbers(everywhere, everywhere),
  tanh: floats(everywhere),
  toFixed,
  trunc: floats(betweenIntegers),
  xor: logical(2),
} satisfies Record<string, Generator>;
