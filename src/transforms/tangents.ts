import { avalOf, type Aval } from "../core/aval.ts";
import { isDifferentiable } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import { full } from "../ir/ops.ts";
import type { Tangent } from "../ir/primitive.ts";

/** The aval of tangents and cotangents of a value: its shape, f32. */
export const tangentAval = (aval: Aval): Aval => avalOf("f32", aval.shape);

export const hasTangent = (aval: Aval): boolean => isDifferentiable(aval.dtype);

/** A symbolic zero made concrete. */
export const instantiate = (tangent: Tangent, aval: Aval): Value =>
  tangent ?? full(aval.shape, 0, "f32");

export const isNonZero = (tangent: Tangent): boolean => tangent !== undefined;

export const definedOnly = (tangents: readonly Tangent[]): Value[] =>
  tangents.filter((tangent): tangent is Value => tangent !== undefined);

/** Puts the present values back to their places: the inverse of {@link definedOnly}. */
export function spread(mask: readonly boolean[], values: readonly Tangent[]): Tangent[] {
  let next = 0;
  return mask.map((present) => (present ? values[next++] : undefined));
}

/** The items at which `mask` holds. */
export const pick = <T>(items: readonly T[], mask: readonly boolean[]): T[] =>
  items.filter((_, i) => mask[i]);
