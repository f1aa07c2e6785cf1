import { formatAval, type Aval } from "./aval.ts";
import { TraceError } from "./errors.ts";
import type { Shape } from "./shape.ts";
import type { DType } from "./dtype.ts";

/** What array functions take and return: a concrete {@link Tensor} or a {@link Tracer} standing for one. */
export interface Value {
  readonly aval: Aval;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A value inside a trace. Each transformation has its own subclass. */
export abstract class Tracer implements Value {
  abstract readonly aval: Aval;

  get shape(): Shape {
    return this.aval.shape;
  }

  get dtype(): DType {
    return this.aval.dtype;
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

  private concretizationError(use: string): TraceError {
    return new TraceError(`${use} needs a concrete array, but this value is traced`, {
      got: this.toString(),
      fix:
        "Inside jit, grad, vmap and scan values have shapes but no elements: use where, lax.cond or " +
        "lax.whileLoop for control flow that depends on them, or return the value and read it outside.",
    });
  }
}
