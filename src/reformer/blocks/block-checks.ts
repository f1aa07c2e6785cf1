/** Clear errors for what half-blocks and callers of one's own give: checked while tracing, where the block has a name. */
import { formatAval } from "../../core/aval.ts";
import { isDifferentiable } from "../../core/dtype.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape, shapesEqual } from "../../core/shape.ts";
import { isValue, type Value } from "../../core/value.ts";
import type { HalfBlock, Mixed, PartsBlock } from "./half-block.ts";
import type { Streams } from "../stack/reversible-layer.ts";

/** The f32 rows that a half-block adds to rows of a stream. */
export function checkContribution(block: HalfBlock, out: unknown, rows: Value): Value {
  if (isValue(out) && out.dtype === "f32" && shapesEqual(out.shape, rows.shape)) return out;
  throw new ShapeError("what the half-block adds does not fit the stream", {
    where: `${block.name}.${block.kind === "rows" ? "apply" : "leave"}`,
    expected: `f32${formatShape(rows.shape)}: rows (batch x positions) by width`,
    got: describe(out),
  });
}

/** What a part's `mix` gave: f32[B, L, ...] for sequences [B, L, d]. */
export function checkMixed(block: PartsBlock, mixed: Mixed, { shape }: Value): Mixed {
  const out: unknown = mixed?.out;
  const [batch, length] = shape;
  if (isValue(out) && out.rank === 3 && out.shape[0] === batch && out.shape[1] === length) {
    return mixed;
  }
  throw new ShapeError("mix gave no array of the sequences' length", {
    where: `${block.name}.mix`,
    expected: `{ out: f32[${batch},${length},width], saved }`,
    got: isValue(out) ? `out ${formatAval(out.aval)}` : describe(mixed),
  });
}

/** Two arrays [B, L, d] of one shape and dtype. */
export function checkStreams({ first, second }: Streams, where: string): void {
  const fit =
    isValue(first) &&
    isValue(second) &&
    first.rank === 3 &&
    isDifferentiable(first.dtype) &&
    first.dtype === second.dtype &&
    shapesEqual(first.shape, second.shape);
  if (fit) return;
  throw new ShapeError("these are no residual streams", {
    where,
    expected: "{ first, second } of one type, fixed point or f32 [batch, length, width]",
    got: `first ${describe(first)}, second ${describe(second)}`,
    fix: "lax.toFixed makes an exact stream from f32[batch, length, width].",
  });
}

const describe = (x: unknown): string =>
  isValue(x)
    ? formatAval(x.aval)
    : x === null || x === undefined
      ? "nothing"
      : `no array but ${typeof x}`;
