import { describe, expect, it } from "vitest";
import { fixedDType, type DType } from "../../src/core/dtype.ts";
import { scalarTensor, tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { f32, i32, u32 } from "../support/arrays.ts";
import { bitsOf } from "../support/bits.ts";
import { apply, refusal } from "./apply.ts";
import { Draw } from "./generators/draw.ts";

const seeds = [1, 2, 3];
const bools = (...words: number[]): Tensor =>
  tensorFrom("bool", [words.length], Int32Array.from(words));
const q20 = fixedDType(20);
const fixedWords = (...words: number[]): Tensor =>
  tensorFrom(q20, [words.length], Int32Array.from(words));

/** The operation on random and special operands is `expected` element by element, to the bit. */
function expectExact(
  name: string,
  dtypes: readonly DType[],
  expected: (...elements: number[]) => number,
): void {
  for (const seed of seeds) {
    const draw = new Draw(seed);
    const operands = dtypes.map((dtype) => {
      if (dtype === "bool") return draw.bools([400]);
      return dtype === "f32" ? draw.anyFloats([400]) : draw.anyIntegers(dtype, [400]);
    });
    const got = apply(name, operands);
    const words = got
      .words()
      .map((_, i) => expected(...operands.map((operand) => operand.words()[i])));
    const difference = got
      .words()
      .findIndex(
        (word, i) => !Object.is(word, words[i]) && bitsOf(got.words())[i] !== bitsOf(words)[i],
      );
    const elements = operands.map((operand) => operand.words()[difference]);
    expect(difference, `${name}(${elements.join()}) = ${got.words()[difference]}`).toBe(-1);
  }
}

const roundHalfEven = (x: number): number => {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 23) return x;
  const below = Math.floor(x);
  const isTie = x - below === 0.5;
  const rounded = isTie ? 2 * Math.round(x / 2) : Math.round(x);
  return rounded === 0 ? (x < 0 || Object.is(x, -0) ? -0 : 0) : rounded;
};

describe("f32 arithmetic rounds once", () => {
  const binary: Record<string, (x: number, y: number) => number> = {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    div: (x, y) => x / y,
    rem: (x, y) => x % y,
    max: Math.max,
    min: Math.min,
  };
  it.each(Object.entries(binary))("%s", (name, f) => expectExact(name, ["f32", "f32"], f));

  const unary: Record<string, (x: number) => number> = {
    neg: (x) => -x,
    abs: Math.abs,
    sign: Math.sign,
    floor: Math.floor,
    ceil: Math.ceil,
    trunc: Math.trunc,
    sqrt: Math.sqrt,
    round: roundHalfEven,
    stopGradient: (x) => x,
  };
  it.each(Object.entries(unary))("%s", (name, f) => expectExact(name, ["f32"], f));
});

describe("integer arithmetic wraps", () => {
  const signed: Record<string, (x: number, y: number) => number> = {
    add: (x, y) => (x + y) | 0,
    sub: (x, y) => (x - y) | 0,
    mul: Math.imul,
    div: (x, y) => (y === 0 ? -1 : (x / y) | 0),
    rem: (x, y) => (y === 0 ? x : (x % y) | 0),
    max: Math.max,
    min: Math.min,
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    xor: (x, y) => x ^ y,
    shiftLeft: (x, y) => (y >>> 0 > 31 ? 0 : x << y),
    shiftRightLogical: (x, y) => (y >>> 0 > 31 ? 0 : (x >>> y) | 0),
    shiftRightArithmetic: (x, y) => x >> (y >>> 0 > 31 ? 31 : y),
  };
  it.each(Object.entries(signed))("%s of i32", (name, f) => expectExact(name, ["i32", "i32"], f));

  const unsigned: Record<string, (x: number, y: number) => number> = {
    add: (x, y) => (x + y) >>> 0,
    sub: (x, y) => (x - y) >>> 0,
    mul: (x, y) => Math.imul(x, y) >>> 0,
    div: (x, y) => (y === 0 ? 0xffffffff : Math.floor(x / y)),
    rem: (x, y) => (y === 0 ? x : x % y),
    max: Math.max,
    min: Math.min,
    and: (x, y) => (x & y) >>> 0,
    or: (x, y) => (x | y) >>> 0,
    xor: (x, y) => (x ^ y) >>> 0,
    shiftLeft: (x, y) => (y > 31 ? 0 : (x << y) >>> 0),
    shiftRightLogical: (x, y) => (y > 31 ? 0 : x >>> y),
    shiftRightArithmetic: (x, y) => (x >> (y > 31 ? 31 : y)) >>> 0,
  };
  it.each(Object.entries(unsigned))("%s of u32", (name, f) => expectExact(name, ["u32", "u32"], f));

  it("neg, abs, sign and not", () => {
    expectExact("neg", ["i32"], (x) => -x | 0);
    expectExact("neg", ["u32"], (x) => -x >>> 0);
    expectExact("abs", ["i32"], (x) => (x < 0 ? -x | 0 : x));
    expectExact("abs", ["u32"], (x) => x);
    expectExact("sign", ["i32"], (x) => Math.sign(x));
    expectExact("sign", ["u32"], (x) => Math.sign(x));
    expectExact("not", ["i32"], (x) => ~x);
    expectExact("not", ["u32"], (x) => ~x >>> 0);
    expectExact("not", ["bool"], (x) => 1 - x);
  });
});

describe("comparisons", () => {
  const relations: Record<string, (x: number, y: number) => boolean> = {
    eq: (x, y) => x === y,
    ne: (x, y) => x !== y,
    lt: (x, y) => x < y,
    le: (x, y) => x <= y,
    gt: (x, y) => x > y,
    ge: (x, y) => x >= y,
  };
  it.each(Object.entries(relations))("%s", (name, f) => {
    for (const dtype of ["f32", "i32", "u32", "bool"] as const) {
      expectExact(name, [dtype, dtype], (x, y) => Number(f(x, y)));
    }
  });

  it("logic of bools", () => {
    expectExact("and", ["bool", "bool"], (x, y) => x & y);
    expectExact("or", ["bool", "bool"], (x, y) => x | y);
    expectExact("xor", ["bool", "bool"], (x, y) => x ^ y);
  });

  it("select of every dtype", () => {
    for (const dtype of ["f32", "i32", "u32", "bool", q20] as const) {
      expectExact("select", ["bool", dtype, dtype], (which, x, y) => (which ? x : y));
    }
  });
});

describe("elementary functions are those of the engine to a few units in the last place", () => {
  const functions: Record<string, (...operands: number[]) => number> = {
    exp: Math.exp,
    expm1: Math.expm1,
    log: Math.log,
    log1p: Math.log1p,
    sin: Math.sin,
    cos: Math.cos,
    tanh: Math.tanh,
    logistic: (x) => 1 / (1 + Math.exp(-x)),
    pow: (x, y) => x ** y,
    atan2: Math.atan2,
  };
  it.each(Object.entries(functions))("%s", (name, f) => {
    const draw = new Draw(9);
    const operands =
      f.length === 2
        ? [draw.floats([500], 0.01, 4), draw.floats([500])]
        : [draw.floats([500], 0.01, 4)];
    apply(name, operands)
      .words()
      .forEach((got, i) => {
        const exact = f(...operands.map((operand) => operand.words()[i]));
        expect(Math.abs(got - exact)).toBeLessThanOrEqual(4e-7 * Math.abs(exact) + 1e-7);
      });
  });

  it("erf and erfInv", () => {
    const x = f32([4], [0, 0.5, 1, -2]);
    const y = apply("erf", [x]);
    [0, 0.5204998778, 0.8427007929, -0.995322265].forEach((exact, i) => {
      expect(y.words()[i]).toBeCloseTo(exact, 6);
    });
    apply("erfInv", [y])
      .words()
      .forEach((got, i) => expect(got).toBeCloseTo(x.words()[i], 4));
    expect(apply("erfInv", [f32([2], [1, -1])]).words()).toEqual(
      Float32Array.of(Infinity, -Infinity),
    );
  });

  it("exp is exactly 0 below -87", () => {
    expect(apply("exp", [f32([3], [-87.5, -100, -Infinity])]).words()).toEqual(
      Float32Array.of(0, 0, 0),
    );
  });
});

describe("conversions", () => {
  const convert = (x: Tensor, dtype: DType) => apply("convert", [x], { dtype });

  it("of f32 truncate and saturate", () => {
    const x = f32([7], [1.9, -1.9, 3e9, -3e9, 5e9, NaN, -0]);
    expect(convert(x, "i32").words()).toEqual(
      Int32Array.of(1, -1, 0x7fffffff, -0x80000000, 0x7fffffff, 0, 0),
    );
    expect(convert(x, "u32").words()).toEqual(Uint32Array.of(1, 0, 3e9, 0, 0xffffffff, 0, 0));
    expect(convert(x, "bool").words()).toEqual(Int32Array.of(1, 1, 1, 1, 1, 1, 0));
  });

  it("between integers keep the bits, to f32 round", () => {
    expect(convert(i32([2], [-1, 2]), "u32").words()).toEqual(Uint32Array.of(0xffffffff, 2));
    expect(convert(u32([1], [0xffffffff]), "i32").words()).toEqual(Int32Array.of(-1));
    expect(convert(u32([1], [0xffffffff]), "f32").words()).toEqual(Float32Array.of(2 ** 32));
    expect(convert(i32([1], [2 ** 24 + 1]), "f32").words()).toEqual(Float32Array.of(2 ** 24));
    expect(convert(bools(0, 1), "f32").words()).toEqual(Float32Array.of(0, 1));
  });

  it("bitcast re-reads the words", () => {
    expect(apply("bitcast", [f32([1], [1])], { dtype: "u32" }).words()).toEqual(
      Uint32Array.of(0x3f800000),
    );
    expect(apply("bitcast", [i32([1], [0x40000000])], { dtype: "f32" }).words()).toEqual(
      Float32Array.of(2),
    );
    expect(apply("bitcast", [fixedWords(-5)], { dtype: "i32" }).words()).toEqual(Int32Array.of(-5));
  });

  it("to fixed point round half to even and saturate", () => {
    const x = f32([6], [1, -0.5 / 2 ** 20, 1.5 / 2 ** 20, 2.5 / 2 ** 20, 1e9, NaN]);
    const q = apply("toFixed", [x], { fractionBits: 20 });
    expect(q.dtype).toBe(q20);
    expect(q.words()).toEqual(Int32Array.of(2 ** 20, 0, 2, 2, 0x7fffffff, -0x80000000));
    expect(apply("fromFixed", [fixedWords(2 ** 20, -3, 2 ** 24 + 1)]).words()).toEqual(
      Float32Array.of(1, -3 / 2 ** 20, 16),
    );
  });

  it("fixed-point sums wrap, and a difference undoes them", () => {
    const [x, y] = [fixedWords(0x7fffffff, 5, -7), fixedWords(3, 0x7fffffff, -0x80000000)];
    const sum = apply("fixedAdd", [x, y]);
    expect(sum.words()).toEqual(
      Int32Array.of(0x7fffffff + 3 - 2 ** 32, 5 + 0x7fffffff - 2 ** 32, 0x7ffffff9),
    );
    expect(apply("fixedSub", [sum, y]).words()).toEqual(x.words());
  });
});

describe("types", () => {
  it("a result is weak only when every operand is", () => {
    const weak = scalarTensor(1, "f32", true);
    const strong = scalarTensor(1, "f32");
    expect(apply("add", [weak, weak]).aval.weak).toBe(true);
    expect(apply("add", [weak, strong]).aval.weak).toBe(false);
    expect(apply("lt", [weak, weak]).aval.weak).toBe(false);
    expect(apply("convert", [weak], { dtype: "f32" }).aval.weak).toBe(false);
  });

  it("refusals say what, where and what to do", () => {
    const x = f32([2], [0, 0]);
    const y = f32([3], [0, 0, 0]);
    expect(
      [
        refusal("add", [x, y]),
        refusal("add", [x, i32([2], [0, 0])]),
        refusal("sin", [i32([2], [0, 0])]),
        refusal("mul", [fixedWords(1), fixedWords(1)]),
        refusal("shiftLeft", [x, x]),
        refusal("select", [x, x, x]),
        refusal("convert", [x], { dtype: q20 }),
        refusal("convert", [fixedWords(1)], { dtype: "f32" }),
        refusal("bitcast", [bools(1)], { dtype: "f32" }),
        refusal("toFixed", [x], { fractionBits: 31 }),
        refusal("fromFixed", [x]),
        refusal("fixedAdd", [fixedWords(1), x]),
      ].join("\n"),
    ).toMatchInlineSnapshot(`
      "ShapeError: add: operands differ in shape: expected equal shapes, got f32[2], f32[3]. Stretch them to one shape with broadcastInDim; the functions of reformax/numpy do so.
      DTypeError: add: operands differ in dtype: expected one dtype, got f32[2], i32[2]. Convert one of them with astype; the functions of reformax/numpy promote.
      DTypeError: sin: the dtype is not supported: expected f32, got i32[2]. Convert with astype first.
      DTypeError: mul: the dtype is not supported: expected f32 or i32 or u32, got q32.20[1], q32.20[1]. Convert with fromFixed first.
      DTypeError: shiftLeft: the dtype is not supported: expected i32 or u32, got f32[2]. Convert with astype first.
      DTypeError: select: wrong dtypes: expected a bool and two operands of one dtype, got f32[2], f32[2], f32[2]. Compare to get a bool; convert one of the other two with astype.
      DTypeError: convert: no conversion gives fixed point: expected f32 or i32 or u32 or bool, got q32.20. Use toFixed, which says how many fraction bits there are.
      DTypeError: convert: the dtype is not supported: expected f32 or i32 or u32 or bool, got q32.20[1]. Convert with fromFixed first.
      DTypeError: bitcast: bool has no bits of its own: expected f32, i32, u32 or q32, got bool[1] to f32. Convert with astype.
      DTypeError: invalid fixed-point scale: expected an integer number of fraction bits from 0 to 30, got 31
      DTypeError: fromFixed: fixed point is needed: expected q32, got f32[2]. Convert with toFixed first.
      DTypeError: fixedAdd: fixed point is needed: expected q32 operands of one scale, got q32.20[1], f32[2]. Convert with toFixed first."
    `);
  });
});
