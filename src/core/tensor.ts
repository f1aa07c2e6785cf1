import { avalOf, formatAval, type Aval } from "./aval.ts";
import { fractionBits, isFixed, wordsOf, type DType, type Words } from "./dtype.ts";
import { DTypeError, ReformaxError, ShapeError } from "./errors.ts";
import { formatTensor } from "./format-tensor.ts";
import { releaseStorage } from "./release.ts";
import { noteMade } from "./scope-stack.ts";
import { checkShape, formatShape, sizeOf, type Shape } from "./shape.ts";
import {
  isDeviceStorage,
  isHostStorage,
  readDevices,
  wordsAtOnce,
  type Storage,
} from "./storage.ts";
import type { Kind } from "./kinds.ts";
import type { NestedNumbers, Value } from "./value.ts";

export type { NestedNumbers };

/**
 * An immutable n-dimensional array in row-major order. On the host it owns an ordinary ArrayBuffer, which the garbage
 * collector frees. The results of a backend may stay in its own memory: `place` says where the elements are.
 *
 * @example
 * import { array } from "reformax/numpy";
 * const x = array([[1, 2], [3, 4]]);
 * console.log(x.shape, x.dtype); // => [ 2, 2 ] f32
 */
export class Tensor implements Value {
  readonly aval: Aval;
  #storage: Storage | undefined;
  /** Why the elements are gone. */
  #end: { readonly kind: "donated" | "released"; readonly by: string } | undefined;

  /** Takes ownership of words or storage: nobody may write to them afterwards. */
  constructor(aval: Aval, storage: Storage) {
    checkShape(aval.shape, "Tensor");
    this.aval = aval;
    this.#storage = isHostStorage(storage) ? hostWords(aval, storage) : storage;
    noteMade(this);
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
    return this.#end?.kind === "donated";
  }

  /** True once its elements are gone: it was released, by a scope too, or donated. As `x.is_deleted()` in JAX. */
  get isReleased(): boolean {
    return this.#end !== undefined;
  }

  /** Where the elements are: `host`, or the name of the backend that keeps them. */
  get place(): string {
    const { storage } = this;
    return isHostStorage(storage) ? "host" : storage.place.name;
  }

  /**
   * The storage itself, for backends: never write to it.
   * @throws ReformaxError when the tensor was donated or released
   */
  get storage(): Storage {
    const storage = this.#storage;
    if (!storage) throw this.goneError();
    if (!isHostStorage(storage) && storage.kind === "resident" && storage.evicted) {
      this.#storage = storage.evicted;
      return storage.evicted;
    }
    return storage;
  }

  /**
   * The error for who uses it although its elements are gone.
   * @param name what the user calls it, where that is known
   */
  goneError(name?: string): ReformaxError {
    const { kind = "released", by } = this.#end ?? {};
    const got = [name, formatAval(this.aval)].filter(Boolean).join(": ");
    return new ReformaxError(`this tensor was ${kind} and has no elements any more`, {
      where: by,
      got,
      fix: whatToDo[kind],
    });
  }

  /**
   * The storage words themselves, for backends: never write to them.
   * @param where the call that needs them, for the message
   * @throws ReformaxError when the tensor was donated or released, BackendError when the elements are on a device
   */
  words(where = "words"): Words {
    return wordsAtOnce(this.storage, where);
  }

  /** Gives the storage away: afterwards the tensor is dead. For executors, after a successful run. */
  donate(to: string): Storage {
    const { storage } = this;
    this.#storage = undefined;
    this.#end = { kind: "donated", by: to };
    return storage;
  }

  /**
   * Frees the elements now, instead of when the garbage collector finds that nobody holds them: matters where they are on a device.
   * What was started with them goes on; using them afterwards is an error. Does nothing when they are gone
   * already. `using x = ...` does it at the end of a block, `scope` for everything that a function makes. As `x.delete()` in JAX.
   *
   * @param by the call that frees it, for messages
   */
  release(by = "release"): void {
    const storage = this.#storage;
    if (!storage) return;
    this.#storage = undefined;
    this.#end = { kind: "released", by };
    releaseStorage(storage);
  }

  /** What `using x = ...` calls at the end of its block: {@link release}. */
  [Symbol.dispose](): void {
    this.release("using");
  }

  /**
   * A copy of the elements, wherever they are. q32 values come as their integers. Reads what the tensor holds now: it may
   * be donated before the promise resolves.
   *
   * Rejects when the tensor was donated or released, or the elements could not be computed or read.
   */
  async data(): Promise<Words> {
    const { storage } = this;
    if (!isDeviceStorage(storage)) return wordsAtOnce(storage, "data").slice();
    return (await readDevices([storage]))[0];
  }

  /**
   * A copy of the elements, at once. q32 values come as their integers.
   * @throws BackendError when they are on a device: `await x.data()`
   */
  dataSync(): Words {
    return this.words("dataSync").slice();
  }

  /**
   * The only element of a tensor of size 1, as a number (q32 in its real value).
   * @throws BackendError when it is on a device
   */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError("item() needs exactly one element", {
        where: "item",
        got: `shape ${formatShape(this.shape)}`,
      });
    }
    return this.words("item")[0] * unitOf(this.dtype);
  }

  /**
   * The elements as nested arrays (numbers; booleans for bool; real values for q32).
   * @throws BackendError when they are on a device
   */
  toArray(): NestedNumbers {
    const words = this.words("toArray");
    const unit = unitOf(this.dtype);
    let next = 0;
    const build = (axis: number): NestedNumbers => {
      if (axis < this.rank) return Array.from({ length: this.shape[axis] }, () => build(axis + 1));
      const word = words[next++];
      return this.dtype === "bool" ? word !== 0 : word * unit;
    };
    return build(0);
  }

  /** The elements, long axes shortened; of those on a device where they are, as in `f32[2,3] on gpu`. */
  toString(): string {
    if (this.#end) return `Tensor<${this.#end.kind}>`;
    const { storage } = this;
    if (isDeviceStorage(storage)) return `${formatAval(this.aval)} on ${storage.place.name}`;
    return formatTensor(this.aval, wordsAtOnce(storage, "toString"));
  }

  /** Operators of JavaScript do not compute with arrays: only texts are made of them. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new DTypeError("JavaScript's operators do not take arrays", {
      got: formatAval(this.aval),
      fix: "Compute with functions, as in np.add(x, y), or read a number with item().",
    });
  }

  /** What `JSON.stringify` writes: {@link toArray}, in which NaN and infinities become null, as everywhere in JSON. */
  toJSON(): NestedNumbers {
    return this.toArray();
  }

  /** What Node's console shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const whatToDo = {
  donated:
    "Use the result of the call that took it, copy it before that call, or do not donate it.",
  released:
    "Release it after its last use; in a scope, return what is used outside, or give it to `keep`.",
} as const;

/** Words as the element type's typed array. */
function hostWords(aval: Aval, words: Words): Words {
  if (words.length === sizeOf(aval.shape))
    return wordsOf(aval.dtype, words.buffer, words.byteOffset, words.length);
  throw new ShapeError("wrong number of elements", {
    where: "Tensor",
    expected: `${sizeOf(aval.shape)} for shape ${formatShape(aval.shape)}`,
    got: String(words.length),
  });
}

/** Real value of one unit of `dtype`: 2^-k for q32, 1 otherwise. */
const unitOf = (dtype: DType): number => (isFixed(dtype) ? 1 / (1 << fractionBits(dtype)) : 1);

/** For checks of arguments: an array that exists, not one that stands for others in a trace. */
export const tensorKind: Kind = {
  expected: "an array with elements, a Tensor",
  is: (x) => x instanceof Tensor,
};

/** A tensor over the given words; the tensor owns them from now on. */
export const tensorFrom = (dtype: DType, shape: Shape, words: Words): Tensor =>
  new Tensor(avalOf(dtype, shape), words);

/** A rank-0 tensor. */
export function scalarTensor(value: number, dtype: DType, weak = false): Tensor {
  const words = wordsOf(dtype, new ArrayBuffer(4));
  words[0] = value;
  return new Tensor(avalOf(dtype, [], weak), words);
}
