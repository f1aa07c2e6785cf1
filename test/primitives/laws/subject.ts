import { isDifferentiable } from "../../../src/core/dtype.ts";
import { Tensor } from "../../../src/core/tensor.ts";
import type { Value } from "../../../src/core/value.ts";
import { bind } from "../../../src/ir/interpreter.ts";
import type { Params, Primitive } from "../../../src/ir/primitive.ts";

export type Operands = readonly Tensor[];
export type FlatFunction = (...values: Value[]) => readonly Value[];

/** One primitive with its params, as a function. */
export interface Subject {
  readonly primitive: Primitive;
  readonly params: Params;
  /** By what fraction of the largest element rules that compute in another way may be off; 0: no bit. */
  readonly tolerance: number;
}

export const functionOf =
  ({ primitive, params }: Subject): FlatFunction =>
  (...values) =>
    bind(primitive, values, params);

export const evaluate = (subject: Subject, operands: readonly Value[]): Tensor[] =>
  functionOf(subject)(...operands).map(concrete);

export function concrete(value: Value | undefined): Tensor {
  if (value instanceof Tensor) return value;
  throw new TypeError(`${String(value)} is no tensor`);
}

export const hasTangents = ({ dtype }: Value): boolean => isDifferentiable(dtype);

/** f32 zeros of the same shape. */
export const zerosLike = ({ shape, size }: Tensor): Tensor =>
  new Tensor({ shape, dtype: "f32", weak: false }, new Float32Array(size));

/** A tangent must be f32 and of its value's shape. */
export function checkTangentType(tangent: Tensor, value: Tensor, what: string): void {
  if (tangent.dtype === "f32" && tangent.shape.join() === value.shape.join()) return;
  throw new Error(
    `${what} is ${tangent.dtype}[${tangent.shape.join()}] for [${value.shape.join()}]`,
  );
}

/** Choices of operands that can have a tangent: all of them, and each alone. */
export function tangentPatterns(operands: Operands): readonly (readonly boolean[])[] {
  const able = operands.map(hasTangents);
  const alone = operands.map((_, chosen) => able.map((each, i) => each && i === chosen));
  return distinct([able, ...alone]);
}

/** Non-empty choices, each once. */
export function distinct(
  patterns: readonly (readonly boolean[])[],
): readonly (readonly boolean[])[] {
  const byText = new Map(patterns.map((pattern) => [pattern.join(), pattern]));
  return [...byText.values()].filter((pattern) => pattern.some(Boolean));
}
