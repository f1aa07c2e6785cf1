import { formatAval, type Aval } from "./aval.ts";
import { TraceError } from "./errors.ts";
import { sizeOf, type Shape } from "./shape.ts";
import type { DType, Words } from "./dtype.ts";

declare global {
  // TypeScript before 5.2 has no declarations of `using`; others say the same.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** Numbers nested to the depth of the rank: what `toArray` gives and `array` takes. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/**
 * What array functions take and return: a concrete {@link Tensor} or a {@link Tracer} standing for
 * one. Elements can be read from concrete ones only; a traced value throws a TraceError.
 */
export interface Value {
  readonly aval: Aval;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Number of axes. */
  readonly rank: number;
  /** Number of elements. */
  readonly size: number;
  /** The only element of an array of size 1, as a number (q32 in its real value). */
  item(): number;
  /** A copy of the elements, wherever they are. q32 values come as their integers. */
  data(): Promise<Words>;
  /** A copy of the elements, where they can be read at once. q32 values come as their integers. */
  dataSync(): Words;
  /** The elements as nested arrays (numbers; booleans for bool; real values for q32). */
  toArray(): NestedNumbers;
  /** Frees the elements now; of a traced value there are none. */
  release(): void;
  [Symbol.dispose](): void;
}

/** Whether something is an array, concrete or traced. */
export const isValue = (x: unknown): x is Value =>
  typeof x === "object" && x !== null && "aval" in x;

/** A value inside a trace. Each transformation has its own subclass. */
export abstract class Tracer implements Value {
  abstract readonly aval: Aval;

  get shape(): Shape {
    return this.aval.shape;
  }

  get dtype(): DType {
    return this.aval.dtype;
  }

  get rank(): number {
    return this.aval.shape.length;
  }

  get size(): number {
    return sizeOf(this.aval.shape);
  }

  toString(): string {
    return `Traced<${formatAval(this.aval)}>`;
  }

  /** A traced value has no elements yet: control flow that depends on one must be staged. */
  [Symbol.toPrimitive](hint: string): string | number {
    if (hint === "string") return this.toString();
    throw this.concretizationError("a number");
  }

  item(): number {
    throw this.concretizationError("item()");
  }

  dataSync(): never {
    throw this.concretizationError("dataSync()");
  }

  data(): never {
    throw this.concretizationError("data()");
  }

  toArray(): never {
    throw this.concretizationError("toArray()");
  }

  toJSON(): never {
    throw this.concretizationError("toJSON()");
  }

  /** Does nothing: what is traced is freed when it runs, by its plan. */
  release(): void {}

  [Symbol.dispose](): void {}

  /** The error for whoever wants its elements. */
  concretizationError(use: string): TraceError {
    return new TraceError(`${use} needs a concrete array, but this value is traced`, {
      got: this.toString(),
      fix:
        "Inside jit, grad, vmap and scan values have shapes but no elements: use where, lax.cond or " +
        "lax.whileLoop for control flow that depends on them, or return the value and read it outside.",
    });
  }
}
