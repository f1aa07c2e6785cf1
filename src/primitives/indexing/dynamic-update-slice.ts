import { avalOf } from "../../core/aval.ts";
import { sizeOf, stridesOf, type Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import {
  add,
  and,
  broadcastInDim,
  dynamicSlice,
  dynamicUpdateSlice as dynamicUpdateSliceOp,
  full,
  fullLike,
  gather,
  ge,
  iota,
  literal,
  lt,
  max,
  min,
  reshape,
  scale,
  select,
  sub,
} from "../../ir/ops.ts";
import { definePrimitive, type BatchAxis, type Params } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { blockOffsets, checkBlock, checkStarts, clampedStarts, indexedAxes } from "./block.ts";
import { knownValue } from "./rows.ts";
import { expectSameDType } from "../operand-checks.ts";

const where = "dynamicUpdateSlice";

/**
 * x with the block at the starts replaced by `update`; starts as in {@link dynamicSlice}
 * (`lax.dynamic_update_slice`). Operands: x, update, starts... Runs in place where x is dead.
 */
export const dynamicUpdateSlice = definePrimitive<Params>({
  name: "dynamicUpdateSlice",
  abstractEval: ([x, update, ...starts]) => {
    expectSameDType(where, "the update", update, x);
    checkStarts(where, x, starts);
    checkBlock(where, x, update.shape);
    return [avalOf(x.dtype, x.shape)];
  },
  jvp: ([x, update, ...starts], [xTangent, updateTangent]) => ({
    primals: [dynamicUpdateSliceOp(x, update, starts)],
    tangents: [
      dynamicUpdateSliceOp(
        xTangent ?? full(x.shape, 0, "f32"),
        updateTangent ?? full(update.shape, 0, "f32"),
        starts,
      ),
    ],
  }),
  transpose: ([cotangent], [x, update, ...starts]) => {
    const known = starts.map(knownValue);
    const shape = update.aval.shape;
    return [
      cotangent && x.linear
        ? dynamicUpdateSliceOp(cotangent, full(shape, 0, "f32"), known)
        : undefined,
      cotangent && update.linear ? dynamicSlice(cotangent, known, shape) : undefined,
      ...starts.map(() => undefined),
    ];
  },
  batch: ([x, update, ...starts], [xAxis, updateAxis, ...startAxes], _params, size) => {
    const all = mappedAt(x, xAxis, 0, size);
    const updates = mappedAt(update, updateAxis, 0, size);
    const value = startAxes.every((axis) => axis === undefined)
      ? dynamicUpdateSliceOp(all, updates, [literal(0, "i32"), ...starts])
      : updateEach(all, updates, starts, startAxes);
    return { values: [value], axes: [0] };
  },
  lower: { kind: "kernel", inPlace: [[0, 0]] },
  reference: ([x, update, ...starts], [out]) => {
    out.words.set(x.words);
    const offsets = blockOffsets(x.aval.shape, update.aval.shape, starts);
    offsets.forEach((offset, i) => (out.words[offset] = update.words[i]));
  },
});

/** Blocks at different starts: every element asks which element of its update covers it, if any. */
function updateEach(
  x: Value,
  updates: Value,
  starts: readonly Value[],
  startAxes: readonly BatchAxis[],
): Value {
  const [size, ...shape] = x.shape;
  const sizes = updates.shape.slice(1);
  if (sizeOf(sizes) === 0) return x;
  const count = indexedAxes(shape, sizes);
  const rowShape = [size, ...shape.slice(0, count)];
  const first = clampedStarts(starts, startAxes, shape, sizes, size);
  const { rows, covered } = rowsOfUpdate(first, rowShape, sizes.slice(0, count));
  const flat = reshape(updates, [size, sizeOf(sizes.slice(0, count)), ...shape.slice(count)]);
  const mask = broadcastInDim(
    covered,
    x.shape,
    rowShape.map((_, axis) => axis),
  );
  return select(mask, gather(flat, rows, 1), x);
}

/** For every position on the indexed axes: the row of the update above it, and whether there is one. */
function rowsOfUpdate(
  first: readonly Value[],
  rowShape: Shape,
  sizes: Shape,
): { rows: Value; covered: Value } {
  const strides = stridesOf(sizes);
  let rows = full(rowShape, 0, "i32");
  let covered = full(rowShape, 1, "bool");
  sizes.forEach((n, axis) => {
    const offset = sub(iota("i32", rowShape, axis + 1), broadcastInDim(first[axis], rowShape, [0]));
    const last = fullLike(offset, n - 1);
    const zero = fullLike(offset, 0);
    rows = add(rows, scale(min(max(offset, zero), last), strides[axis]));
    covered = and(covered, and(ge(offset, zero), lt(offset, fullLike(offset, n))));
  });
  return { rows, covered };
}
