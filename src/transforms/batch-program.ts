import type { Aval } from "../core/aval.ts";
import { ShapeError } from "../core/errors.ts";
import { Tracer, type Value } from "../core/value.ts";
import { stageClosed } from "../ir/builder.ts";
import { evaluateProgram } from "../ir/evaluate.ts";
import { bind, currentInterpreter, withInterpreter, type Interpreter } from "../ir/interpreter.ts";
import type { BatchAxis, BatchResult, Params, Primitive } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { mappedAt } from "../primitives/batch-axes.ts";
import { maskKey, memoizeByProgram } from "./memo.ts";

/** A value with one more axis than its aval tells: the mapped one. */
class BatchTracer extends Tracer {
  readonly owner: BatchInterpreter;
  readonly value: Value;
  readonly axis: number;

  constructor(owner: BatchInterpreter, value: Value, axis: number) {
    super();
    this.owner = owner;
    this.value = value;
    this.axis = axis;
  }

  get aval(): Aval {
    const { aval } = this.value;
    return { ...aval, shape: aval.shape.filter((_, axis) => axis !== this.axis) };
  }
}

/** Applies each operation's batching rule. */
class BatchInterpreter implements Interpreter {
  readonly name = "vmap";
  readonly #outer = currentInterpreter();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  lift(value: Value, axis: BatchAxis): Value {
    return axis === undefined ? value : new BatchTracer(this, value, axis);
  }

  split(value: Value): { value: Value; axis: BatchAxis } {
    if (value instanceof BatchTracer && value.owner === this) return value;
    return { value, axis: undefined };
  }

  bind(primitive: Primitive, operands: readonly Value[], params: Params): readonly Value[] {
    const parts = operands.map((operand) => this.split(operand));
    const values = parts.map((part) => part.value);
    const axes = parts.map((part) => part.axis);
    return withInterpreter(this.#outer, () => {
      if (axes.every((axis) => axis === undefined)) return bind(primitive, values, params);
      const result = primitive.batch(values, axes, params, this.#size);
      return result.values.map((value, i) => this.lift(value, result.axes[i]));
    });
  }
}

/** {@link vmap} on flat lists. */
export function batchOf(
  f: (...inputs: Value[]) => readonly Value[],
  values: readonly Value[],
  axes: readonly BatchAxis[],
  size: number,
): BatchResult {
  const interpreter = new BatchInterpreter(size);
  const inputs = values.map((value, i) => interpreter.lift(value, axes[i]));
  const outputs = withInterpreter(interpreter, () => f(...inputs)).map((output) =>
    interpreter.split(output),
  );
  return {
    values: outputs.map((output) => output.value),
    axes: outputs.map((output) => output.axis),
  };
}

/** Mapped operands with their axis at 0, the others as they are. */
export const moveMappedAxesToFront = (
  values: readonly Value[],
  axes: readonly BatchAxis[],
): Value[] =>
  values.map((value, i) => (axes[i] === undefined ? value : mappedAt(value, axes[i], 0, 0)));

export interface BatchSettings {
  /** Inputs that are mapped, at axis 0. */
  readonly axes: readonly boolean[];
  readonly size: number;
  /** Outputs that must be mapped even if they do not depend on a mapped input. */
  readonly forced: readonly boolean[];
}

export interface BatchedProgram {
  readonly program: Program;
  /** Outputs that are mapped, at axis 0. */
  readonly outputMapped: readonly boolean[];
}

/** A program over one more axis. */
export const batchProgram: (program: Program, settings: BatchSettings) => BatchedProgram =
  memoizeByProgram(
    (settings: BatchSettings) =>
      `${maskKey(settings.axes)}/${settings.size}/${maskKey(settings.forced)}`,
    (program, { axes, size, forced }) => {
      const avals = program.inputs.map(({ aval }, i) =>
        axes[i] ? { ...aval, shape: [size, ...aval.shape] } : aval,
      );
      let outputMapped: readonly boolean[] = [];
      const batched = stageClosed((...inputs) => {
        const batchAxes = axes.map((mapped): BatchAxis => (mapped ? 0 : undefined));
        const result = batchOf(
          (...values) => evaluateProgram(program, values),
          inputs,
          batchAxes,
          size,
        );
        outputMapped = result.axes.map((axis, i) => axis !== undefined || forced[i]);
        return result.values.map((value, i) =>
          outputMapped[i] ? mappedAt(value, result.axes[i], 0, size) : value,
        );
      }, avals);
      return { program: batched, outputMapped };
    },
  );

/** The one size of all mapped axes. */
export function mappedSize(
  values: readonly Value[],
  axes: readonly BatchAxis[],
  where: string,
): number {
  const sizes = values.flatMap((value, i) => {
    const axis = axes[i];
    return axis === undefined ? [] : [value.shape[axis]];
  });
  if (sizes.length === 0) {
    throw new ShapeError("no argument is mapped", {
      where,
      fix: "Give at least one argument an axis.",
    });
  }
  if (sizes.some((size) => size !== sizes[0])) {
    throw new ShapeError("mapped axes differ in size", {
      where,
      expected: "one size for all mapped axes",
      got: sizes.join(", "),
    });
  }
  return sizes[0];
}
