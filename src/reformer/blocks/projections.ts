import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { dotGeneral } from "../../lax/index.ts";
import { concatenate } from "../../numpy/index.ts";
import type { AttentionParams, HeadParams } from "./attention-params.ts";
import type { PartParams } from "./half-block.ts";

/** x[..., d] times kernel[d, e]. */
export const project = (x: Value, kernel: Value): Value =>
  dotGeneral(x, kernel, {
    lhsBatch: [],
    rhsBatch: [],
    lhsContract: [x.shape.length - 1],
    rhsContract: [0],
  });

/** What a head attends with, f32[..., width] each. */
export interface Projected {
  readonly q: Value;
  /** Null where keys are queries. */
  readonly k: Value | null;
  readonly v: Value;
}

/** What one head's projections make of rows f32[..., d]. */
export function projectRows(
  { shared, own }: PartParams<HeadParams, Pick<AttentionParams["shared"], "value">>,
  rows: Value,
): Projected {
  return {
    q: project(rows, own.query),
    k: own.key ? project(rows, own.key) : null,
    v: project(rows, valueOf(shared, own)),
  };
}

/** A head's projection to values: its own, or that of all heads. */
export function valueOf(
  { value: ofAll }: Pick<AttentionParams["shared"], "value">,
  { value }: Pick<HeadParams, "value">,
): Value {
  const found = value ?? ofAll;
  if (found) return found;
  throw new ReformaxError("no projection to values", {
    where: "attention",
    expected: "one of each head, or one of all",
    fix: "Give parts.value, f32[heads, d, width], or shared.value, f32[d, width].",
  });
}

/** Rows of one after those of the other, f32[B, L, width] each. */
export const joinRows = (a: Projected, b: Projected): Projected => ({
  q: concatenate([a.q, b.q], 1),
  k: a.k && b.k && concatenate([a.k, b.k], 1),
  v: concatenate([a.v, b.v], 1),
});
