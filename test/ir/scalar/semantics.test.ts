import { describe, expect, it } from "vitest";
import {
  applyOp,
  constantExpression,
  inputExpression,
  type ScalarOp,
} from "../../../src/ir/expression.ts";
import {
  compileExpression,
  evaluateExpression,
  evaluateScalarOp,
} from "../../../src/ir/scalar/evaluate.ts";
import { expressionGraph } from "../../../src/ir/scalar/graph.ts";
import { ulpError, uniforms } from "./oracle.ts";

const minInt = -2147483648;
const maxInt = 2147483647;
const ints = [
  0,
  1,
  -1,
  2,
  -2,
  3,
  -7,
  31,
  32,
  33,
  63,
  64,
  1000,
  65535,
  65536,
  minInt,
  minInt + 1,
  maxInt,
];
const floats = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2,
  -2,
  2.5,
  -2.5,
  3,
  -3,
  4,
  1e-45,
  1e38,
  16777217,
  Infinity,
  -Infinity,
  NaN,
].map(Math.fround);

/** Checks `op` on every combination of operands and 2,000 random ones. */
function checkIntegers(
  op: ScalarOp,
  exact: (a: bigint, b: bigint) => bigint,
  unsigned: boolean,
): void {
  const f = evaluateScalarOp(op);
  const random = uniforms(13);
  const wrap = (n: number): number => (unsigned ? n >>> 0 : n | 0);
  const wrapExact = (n: bigint): number =>
    Number(unsigned ? BigInt.asUintN(32, n) : BigInt.asIntN(32, n));
  const any = (): number => wrap(Math.floor(random() * 2 ** 32) >> Math.floor(random() * 32));
  const pairs = ints.flatMap((a) => ints.map((b) => [wrap(a), wrap(b)] as const));
  const more = Array.from({ length: 2000 }, () => [any(), any()] as const);
  for (const [a, b] of [...pairs, ...more]) {
    const expected = wrapExact(exact(BigInt(a), BigInt(b)));
    if (f(a, b) !== expected)
      throw new Error(`${op}(${a}, ${b}) = ${f(a, b)}, expected ${expected}`);
  }
}

const truth = (holds: boolean): bigint => (holds ? 1n : 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** By name without the type; the exact results are wrapped to 32 bits. */
const integerOracles: Record<string, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? -1n : a / b),
  rem: (a, b) => (b === 0n ? a : a % b),
  min: least,
  max: greatest,
  sign: (a) => (a > 0n ? 1n : a < 0n ? -1n : 0n),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  not: (a) => ~a,
  shl: (a, b) => (BigInt.asUintN(32, b) > 31n ? 0n : a << b),
  shr: (a, b) => a >> (BigInt.asUintN(32, b) > 31n ? 40n : b),
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  lt: (a, b) => truth(a < b),
  le: (a, b) => truth(a <= b),
  gt: (a, b) => truth(a > b),
  ge: (a, b) => truth(a >= b),
};

describe("integer operations are those of wrapped exact integers", () => {
  for (const [name, exact] of Object.entries(integerOracles)) {
    it(name, () => {
      checkIntegers(`${name}I32` as ScalarOp, exact, false);
      checkIntegers(`${name}U32` as ScalarOp, exact, true);
    });
  }
  it("neg and abs", () => {
    checkIntegers("negI32", (a) => -a, false);
    checkIntegers("absI32", (a) => (a < 0n ? -a : a), false);
  });
});

const tiny = Math.fround(1e-45);
const huge = Math.fround(1e30);

/** Rows of operands and the exact result; compared with Object.is. */
const table: Partial<Record<ScalarOp, readonly (readonly number[])[]>> = {
  minF32: [
    [-0, 0, -0],
    [0, -0, -0],
    [NaN, 1, NaN],
    [1, NaN, NaN],
    [-Infinity, 2, -Infinity],
  ],
  maxF32: [
    [-0, 0, 0],
    [0, -0, 0],
    [NaN, 1, NaN],
    [1, NaN, NaN],
    [Infinity, 2, Infinity],
  ],
  signF32: [
    [0, 0],
    [-0, -0],
    [NaN, NaN],
    [-tiny, -1],
    [Infinity, 1],
  ],
  roundF32: [
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, -0],
    [-1.5, -2],
    [8388607.5, 8388608],
    [-0.3, -0],
  ],
  truncF32: [
    [1.9, 1],
    [-1.9, -1],
    [-0.9, -0],
  ],
  floorF32: [
    [-0.5, -1],
    [-0, -0],
    [huge, huge],
  ],
  ceilF32: [
    [-0.5, -0],
    [0.1, 1],
  ],
  remF32: [
    [5, 3, 2],
    [-5, 3, -2],
    [5, -3, 2],
    [-6, 3, -0],
    [1, Infinity, 1],
    [1, 0, NaN],
    [Infinity, 2, NaN],
    [huge, 7, huge % 7],
  ],
  expF32: [
    [0, 1],
    [-Infinity, 0],
    [Infinity, Infinity],
    [89, Infinity],
    [-87.001, 0],
    [NaN, NaN],
  ],
  expm1F32: [
    [0, 0],
    [-0, -0],
    [-Infinity, -1],
    [-200, -1],
    [Infinity, Infinity],
    [NaN, NaN],
    [tiny, tiny],
  ],
  logF32: [
    [1, 0],
    [0, -Infinity],
    [-0, -Infinity],
    [-1, NaN],
    [Infinity, Infinity],
    [-Infinity, NaN],
    [NaN, NaN],
  ],
  log1pF32: [
    [0, 0],
    [-0, -0],
    [-1, -Infinity],
    [-1.5, NaN],
    [Infinity, Infinity],
    [NaN, NaN],
    [tiny, tiny],
  ],
  sinF32: [
    [0, 0],
    [-0, -0],
    [Infinity, NaN],
    [-Infinity, NaN],
    [NaN, NaN],
  ],
  cosF32: [
    [0, 1],
    [-0, 1],
    [Infinity, NaN],
    [NaN, NaN],
  ],
  tanhF32: [
    [0, 0],
    [-0, -0],
    [Infinity, 1],
    [-Infinity, -1],
    [20, 1],
    [NaN, NaN],
  ],
  erfF32: [
    [0, 0],
    [-0, -0],
    [Infinity, 1],
    [-Infinity, -1],
    [-5, -1],
    [NaN, NaN],
  ],
  erfInvF32: [
    [0, 0],
    [-0, -0],
    [1, Infinity],
    [-1, -Infinity],
    [1.5, NaN],
    [-1.5, NaN],
    [NaN, NaN],
  ],
  logisticF32: [
    [0, 0.5],
    [Infinity, 1],
    [-Infinity, 0],
    [-88, 0],
    [100, 1],
    [NaN, NaN],
  ],
  sqrtF32: [
    [-0, -0],
    [-1, NaN],
    [2, Math.fround(Math.SQRT2)],
  ],
  f32ToI32: [
    [NaN, 0],
    [-1.9, -1],
    [1e10, maxInt],
    [-1e10, minInt],
    [2147483520, 2147483520],
    [-0.5, 0],
  ],
  f32ToU32: [
    [NaN, 0],
    [-1, 0],
    [4294967040, 4294967040],
    [1e10, 4294967295],
    [3e9, 3e9],
  ],
  roundToI32: [
    [NaN, minInt],
    [0.5, 0],
    [1.5, 2],
    [-2.5, -2],
    [1e10, maxInt],
    [-Infinity, minInt],
    [-0.5, 0],
  ],
  i32ToF32: [
    [16777217, 16777216],
    [16777219, 16777220],
    [minInt, minInt],
  ],
  u32ToF32: [
    [4294967295, 4294967296],
    [16777217, 16777216],
  ],
  i32ToU32: [[-1, 4294967295]],
  u32ToI32: [[4294967295, -1]],
  boolToF32: [
    [1, 1],
    [0, 0],
  ],
  f32ToBool: [
    [-0, 0],
    [NaN, 1],
    [tiny, 1],
  ],
  bitsF32ToU32: [
    [-0, 2147483648],
    [1, 0x3f800000],
    [-1, 0xbf800000],
  ],
  bitsU32ToF32: [
    [0xff800000, -Infinity],
    [1, tiny],
  ],
  notBool: [
    [0, 1],
    [1, 0],
  ],
  selectF32: [
    [1, -0, 5, -0],
    [0, 5, NaN, NaN],
  ],
  eqF32: [
    [0, -0, 1],
    [NaN, NaN, 0],
  ],
  neF32: [
    [0, -0, 0],
    [NaN, NaN, 1],
  ],
  ltF32: [
    [NaN, 1, 0],
    [1, 2, 1],
  ],
  geF32: [
    [NaN, 1, 0],
    [2, 2, 1],
  ],
};

describe("special values", () => {
  for (const [op, rows] of Object.entries(table)) {
    it(op, () => {
      for (const row of rows) {
        const [a, b, c] = row.slice(0, -1);
        expect([...row.slice(0, -1), evaluateScalarOp(op as ScalarOp)(a, b, c)]).toEqual(row);
      }
    });
  }

  it("pow as IEEE 754 has it, where Math.pow differs for |x| = 1", () => {
    const pow = evaluateScalarOp("powF32");
    for (const x of floats) {
      for (const y of floats) {
        const isOne = x === 1 || (x === -1 && Math.abs(y) === Infinity);
        const exact = isOne ? 1 : Math.fround(x ** y);
        expect([
          x,
          y,
          ulpError(pow(x, y), isOne ? 1 : x ** y) <= 1.5 || Object.is(pow(x, y), exact),
        ]).toEqual([x, y, true]);
      }
    }
  });

  it("atan2 in all quadrants, at zeros and infinities", () => {
    const atan2 = evaluateScalarOp("atan2F32");
    for (const y of floats) {
      for (const x of floats) {
        const exact = Math.fround(Math.atan2(y, x));
        const got = atan2(y, x);
        if (Number.isNaN(exact) || exact === 0) expect([y, x, got]).toEqual([y, x, exact]);
        else expect(Math.abs(got / exact - 1)).toBeLessThan(2.5e-7);
      }
    }
  });
});

describe("expressions", () => {
  const x = inputExpression(0, "f32");

  it("are evaluated with canonical values of every type", () => {
    const wrapped = applyOp("addU32", inputExpression(0, "u32"), constantExpression(-1, "u32"));
    expect(evaluateExpression(wrapped, [0])).toBe(4294967295);
    expect(evaluateExpression(applyOp("mulF32", x, constantExpression(0.1, "f32")), [3])).toBe(
      Math.fround(3 * Math.fround(0.1)),
    );
    const chosen = applyOp(
      "selectF32",
      applyOp("ltF32", x, constantExpression(0, "f32")),
      applyOp("negF32", x),
      x,
    );
    expect([-2, 3].map((value) => compileExpression(chosen)([value]))).toEqual([2, 3]);
  });

  it("share equal parts, by identity and by structure", () => {
    const make = () => applyOp("expF32", applyOp("mulF32", x, constantExpression(2, "f32")));
    const one = make();
    const { nodes, outputs } = expressionGraph([
      applyOp("addF32", one, one),
      applyOp("addF32", make(), one),
    ]);
    expect(nodes).toHaveLength(5);
    expect(outputs).toEqual([4, 4]);
  });

  it("keep -0 and 0 apart", () => {
    const sum = applyOp("divF32", constantExpression(1, "f32"), constantExpression(-0, "f32"));
    const other = applyOp("divF32", constantExpression(1, "f32"), constantExpression(0, "f32"));
    expect(evaluateExpression(applyOp("subF32", other, sum), [])).toBe(Infinity);
  });
});
