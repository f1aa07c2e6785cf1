import { fixedDType, isFixed, wordsOf, type DType } from "../../../src/core/dtype.ts";
import { sizeOf, type Shape } from "../../../src/core/shape.ts";
import { tensorFrom, type Tensor } from "../../../src/core/tensor.ts";
import { shuffled, uniformSource } from "../../support/random-data.ts";

/** Distance of the numbers that smooth cases use: steps of finite differences are exact on this grid. */
const grid = 1 / 1024;

/** Floats where functions change their ways. */
const specialFloats = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  -1.5,
  2.5,
  0.999999,
  3,
  -3,
  1e-40,
  -1e-40,
  2 ** -126,
  1e-6,
  17,
  88,
  -86.5,
  -88,
  104,
  2 ** 23,
  2 ** 24 + 2,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  1e30,
  -1e30,
  3.4028235e38,
  Infinity,
  -Infinity,
  NaN,
];

const specialIntegers = [0, 1, -1, 2, 5, -7, 31, 32, 33, 0x7fffffff, -0x80000000, 0x12345678];

/** q32 of 20 fraction bits: the dtype of residual streams. */
export const fixed = fixedDType(20);

/** Random tensors, determined by a seed. */
export class Draw {
  readonly #seed: number;
  readonly #uniform: () => number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#uniform = uniformSource(seed);
  }

  /** A tensor whose words come from `next`. */
  fill(dtype: DType, shape: Shape, next: (index: number) => number): Tensor {
    const words = wordsOf(dtype, new ArrayBuffer(4 * sizeOf(shape)));
    for (let i = 0; i < words.length; i++) words[i] = next(i);
    return tensorFrom(dtype, shape, words);
  }

  /** An integer from low to high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.#uniform() * (high - low + 1));
  }

  /** A number of the grid between low and high. */
  number(low: number, high: number): number {
    return Math.round((low + this.#uniform() * (high - low)) / grid) * grid;
  }

  /** f32 numbers of the grid between low and high. */
  floats(shape: Shape, low = -2, high = 2): Tensor {
    return this.fill("f32", shape, () => this.number(low, high));
  }

  /** f32 numbers with a magnitude between low and high and either sign. */
  signed(shape: Shape, low = 0.25, high = 2): Tensor {
    return this.fill("f32", shape, () => this.number(low, high) * (this.#uniform() < 0.5 ? -1 : 1));
  }

  /** f32 numbers that differ by at least 1/4. */
  distinct(shape: Shape): Tensor {
    const count = sizeOf(shape);
    const order = shuffled(this.#seed + 1, count);
    return this.fill("f32", shape, (i) => (order[i] - count / 2) / 4 + this.number(0, 1 / 16));
  }

  /** f32 numbers that lie at least 1/8 from integers and from the middle between them. */
  betweenIntegers(shape: Shape): Tensor {
    return this.fill("f32", shape, () => this.integer(-3, 2) + this.number(0.2, 0.35));
  }

  /** Any finite f32, and the special ones. */
  anyFloats(shape: Shape): Tensor {
    const bits = new Int32Array(1);
    const float = new Float32Array(bits.buffer);
    return this.fill("f32", shape, (i) => {
      if (i % 2 === 0) return specialFloats[this.integer(0, specialFloats.length - 1)];
      bits[0] = this.integer(-0x80000000, 0x7fffffff);
      return Number.isFinite(float[0]) ? float[0] : i;
    });
  }

  integers(dtype: DType, shape: Shape, low: number, high: number): Tensor {
    return this.fill(dtype, shape, () => this.integer(low, high));
  }

  /** Words of an integer dtype, small ones, special ones and any others. */
  anyIntegers(dtype: DType, shape: Shape): Tensor {
    return this.fill(dtype, shape, (i) => {
      if (i % 3 === 0) return specialIntegers[this.integer(0, specialIntegers.length - 1)];
      return i % 3 === 1 ? this.integer(-40, 40) : this.integer(-0x80000000, 0x7fffffff);
    });
  }

  bools(shape: Shape): Tensor {
    return this.integers("bool", shape, 0, 1);
  }

  /** Fixed-point numbers of the grid between -2 and 2. */
  fixedNumbers(shape: Shape): Tensor {
    return this.fill(fixed, shape, () => this.number(-2, 2) * 2 ** 20);
  }

  /** Ordinary values of a dtype; floats and fixed point lie on the grid. */
  values(dtype: DType, shape: Shape): Tensor {
    if (dtype === "f32") return this.floats(shape);
    if (dtype === "bool") return this.bools(shape);
    return isFixed(dtype) ? this.fixedNumbers(shape) : this.anyIntegers(dtype, shape);
  }

  /** For every row of `length` an order of 0 .. length - 1, and the inverse orders. */
  permutations(rows: number, length: number): { permutation: Tensor; inverse: Tensor } {
    const orders = Array.from({ length: rows }, (_, row) => shuffled(this.#seed + row, length));
    const inverses = orders.map((order) => order.map((_, token) => order.indexOf(token)));
    return {
      permutation: this.fill("i32", [rows, length], (i) => orders.flat()[i]),
      inverse: this.fill("i32", [rows, length], (i) => inverses.flat()[i]),
    };
  }
}
