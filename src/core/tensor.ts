import { avalOf, formatAval, type Aval } from "./aval.ts";
import { fractionBits, isFixed, wordsOf, type DType, type Words } from "./dtype.ts";
import { DTypeError, ReformaxError, ShapeError } from "./errors.ts";
import { formatTensor } from "./format-tensor.ts";
import { checkShape, formatShape, sizeOf, type Shape } from "./shape.ts";
import type { NestedNumbers, Value } from "./value.ts";

export type { NestedNumbers };

/**
 * An immutable n-dimensional array in row-major order that owns an ordinary ArrayBuffer, so that
 * the garbage collector frees it.
 *
 * @example
 * import { array } from "reformax/numpy";
 * const x = array([[1, 2], [3, 4]]);
 * console.log(x.shape, x.dtype); // => [ 2, 2 ] f32
 */
export class Tensor implements Value {
  readonly aval: Aval;
  #words: Words | undefined;
  #donatedTo: string | undefined;

  /** Takes ownership of `words`: nobody may write to them afterwards. */
  constructor(aval: Aval, words: Words) {
    checkShape(aval.shape, "Tensor");
    if (words.length !== sizeOf(aval.shape)) {
      throw new ShapeError("wrong number of elements", {
        where: "Tensor",
        expected: `${sizeOf(aval.shape)} for shape ${formatShape(aval.shape)}`,
        got: String(words.length),
      });
    }
    this.aval = aval;
    this.#words = wordsOf(aval.dtype, words.buffer, words.byteOffset, words.length);
  }

  get shape(): Shape {
    return this.aval.shape;
  }

  get dtype(): DType {
    return this.aval.dtype;
  }

  /** Number of axes. */
  get rank(): number {
    return this.aval.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.aval.shape);
  }

  /** True after the tensor was given to a call that donates it: its elements are gone. */
  get isDonated(): boolean {
    return this.#words === undefined;
  }

  /**
   * The storage words themselves, for backends: never write to them.
   * @throws ReformaxError when the tensor was donated
   */
  words(): Words {
    if (!this.#words) {
      throw new ReformaxError("this tensor was donated and has no elements any more", {
        where: this.#donatedTo,
        fix: "Use the result of the call that took it, copy it before that call, or do not donate it.",
      });
    }
    return this.#words;
  }

  /** Gives the storage away: afterwards the tensor is dead. For executors, after a successful run. */
  donate(to: string): Words {
    const words = this.words();
    this.#words = undefined;
    this.#donatedTo = to;
    return words;
  }

  /** A copy of the elements; works on every backend. q32 values come as their integers. */
  data(): Promise<Words> {
    return Promise.resolve(this.dataSync());
  }

  /** A copy of the elements, on CPU backends. q32 values come as their integers. */
  dataSync(): Words {
    return this.words().slice();
  }

  /** The only element of a tensor of size 1, as a number (q32 in its real value). */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError("item() needs exactly one element", {
        where: "item",
        got: `shape ${formatShape(this.shape)}`,
      });
    }
    return this.words()[0] * unitOf(this.dtype);
  }

  /** The elements as nested arrays (numbers; booleans for bool; real values for q32). */
  toArray(): NestedNumbers {
    const words = this.words();
    const unit = unitOf(this.dtype);
    let next = 0;
    const build = (axis: number): NestedNumbers => {
      if (axis < this.rank) return Array.from({ length: this.shape[axis] }, () => build(axis + 1));
      const word = words[next++];
      return this.dtype === "bool" ? word !== 0 : word * unit;
    };
    return build(0);
  }

  toString(): string {
    return this.isDonated ? "Tensor<donated>" : formatTensor(this.aval, this.words());
  }

  /** Operators of JavaScript do not compute with arrays: only texts are made of them. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new DTypeError("JavaScript's operators do not take arrays", {
      got: formatAval(this.aval),
      fix: "Compute with functions, as in np.add(x, y), or read a number with item().",
    });
  }

  /** What Node's console shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Real value of one unit of `dtype`: 2^-k for q32, 1 otherwise. */
const unitOf = (dtype: DType): number => (isFixed(dtype) ? 1 / (1 << fractionBits(dtype)) : 1);

/** A tensor over the given words; the tensor owns them from now on. */
export const tensorFrom = (dtype: DType, shape: Shape, words: Words): Tensor =>
  new Tensor(avalOf(dtype, shape), words);

/** A rank-0 tensor. */
export function scalarTensor(value: number, dtype: DType, weak = false): Tensor {
  const words = wordsOf(dtype, new ArrayBuffer(4));
  words[0] = value;
  return new Tensor(avalOf(dtype, [], weak), words);
}
