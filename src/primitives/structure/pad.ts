import { avalOf, formatAval, type Aval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape, sizeOf, stridesOf, type Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import {
  broadcastInDim,
  full,
  literal,
  pad as padOp,
  reduceSum,
  select,
  slice,
} from "../../ir/ops.ts";
import { definePrimitive, type BatchRule } from "../../ir/primitive.ts";
import { moveAxis } from "../batch-axes.ts";
import { expectRank, expectSameDType } from "../operand-checks.ts";
import { paddedShape, padRegion, type PadParams } from "./pad-region.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly pad: PadParams;
  }
}

const where = "pad";

/**
 * x with copies of a scalar around and between its elements; negative amounts around trim, after
 * the interior was put in (`lax.pad`). Operands: x, value, of one dtype, any.
 */
export const pad = definePrimitive<PadParams>({
  name: where,
  abstractEval: ([x, value], params) => {
    expectRank(where, "the value", value, 0);
    expectSameDType(where, "the value", value, x);
    return [avalOf(x.dtype, checkedShape(x, params), x.weak && value.weak)];
  },
  jvp: ([x, value], [tangent, valueTangent], { low, high, interior }) => ({
    primals: [padOp(x, value, low, high, interior)],
    tangents: [
      padOp(
        tangent ?? full(x.shape, 0, "f32"),
        valueTangent ?? literal(0, "f32"),
        low,
        high,
        interior,
      ),
    ],
  }),
  transpose: ([cotangent], [x, value], params) => {
    if (!cotangent) return [undefined, undefined];
    const { shape } = x.aval;
    return [
      x.linear ? unpad(cotangent, shape, params) : undefined,
      value.linear ? sumOutside(cotangent, shape, params) : undefined,
    ];
  },
  batch: (values, axes, params, size) => batchPad(values, axes, params, size),
  lower: {
    kind: "assemble",
    pieces: (params, [x], out) => {
      const count = sizeOf(out.shape);
      const all = (stride: number) => ({ offset: 0, strides: [stride] });
      return [
        { input: 1, shape: [count], from: all(0), to: all(1) },
        { input: 0, ...padRegion(x.shape, params) },
      ];
    },
  },
  reference: ([x, value], [out], { low, interior }) => {
    out.words.fill(value.words[0]);
    const strides = stridesOf(x.aval.shape);
    const outStrides = stridesOf(out.aval.shape);
    for (let i = 0; i < x.words.length; i++) {
      const place = x.aval.shape.map(
        (n, axis) => low[axis] + (Math.floor(i / strides[axis]) % n) * (interior[axis] + 1),
      );
      if (place.some((at, axis) => at < 0 || at >= out.aval.shape[axis])) continue;
      out.words[place.reduce((sum, at, axis) => sum + at * outStrides[axis], 0)] = x.words[i];
    }
  },
});

function checkedShape(x: Aval, params: PadParams): Shape {
  const { low, high, interior } = params;
  const fits =
    [low, high, interior].every((list) => list.length === x.shape.length) &&
    [...low, ...high, ...interior].every(Number.isInteger) &&
    interior.every((n) => n >= 0) &&
    paddedShape(x.shape, params).every((n) => n >= 0);
  if (fits) return paddedShape(x.shape, params);
  throw new ShapeError("the padding does not fit", {
    where,
    expected: `integers for every axis of ${formatAval(x)}, interior >= 0, sizes >= 0 in the end`,
    got: `low ${formatShape(low)}, high ${formatShape(high)}, interior ${formatShape(interior)}`,
  });
}

/** The padded array's elements at the places of the operand's; zeros for those that were trimmed. */
function unpad(cotangent: Value, shape: Shape, { low, high, interior }: PadParams): Value {
  const zero = literal(0, "f32");
  const negated = (amounts: readonly number[]): number[] => amounts.map((n) => 0 - n);
  const spread = padOp(cotangent, zero, negated(low), negated(high));
  const strides = interior.map((n) => n + 1);
  return slice(
    spread,
    shape.map(() => 0),
    spread.shape,
    strides,
  );
}

/** True at the places of the operand's elements. */
const placesOf = (shape: Shape, { low, high, interior }: PadParams): Value =>
  padOp(full(shape, 1, "bool"), literal(0, "bool"), low, high, interior);

/** The sum over the places that hold the scalar; nothing is subtracted, so nothing cancels. */
function sumOutside(cotangent: Value, shape: Shape, params: PadParams): Value {
  const outside = select(placesOf(shape, params), full(cotangent.shape, 0, "f32"), cotangent);
  return reduceSum(
    outside,
    cotangent.shape.map((_, axis) => axis),
  );
}

const batchPad: BatchRule<PadParams> = ([x, value], [mapped, valueMapped], params, size) => {
  const { low, high, interior } = params;
  if (mapped !== undefined && valueMapped === undefined) {
    const [l, h, i] = [low, high, interior].map((list) => list.toSpliced(mapped, 0, 0));
    return { values: [padOp(x, value, l, h, i)], axes: [mapped] };
  }
  // One scalar per example: pad with anything, then put the scalars in.
  const front = mapped === undefined ? x : moveAxis(x, mapped, 0);
  const lead = mapped === undefined ? [] : [0];
  const padded = padOp(
    front,
    literal(0, x.dtype),
    [...lead, ...low],
    [...lead, ...high],
    [...lead, ...interior],
  );
  const own = mapped === undefined ? x.shape : front.shape.slice(1);
  const places = placesOf(own, params);
  const shape = [size, ...places.shape];
  const behindFirst = places.shape.map((_, axis) => axis + 1);
  const all = mapped === undefined ? broadcastInDim(padded, shape, behindFirst) : padded;
  const inside = broadcastInDim(places, shape, behindFirst);
  return { values: [select(inside, all, broadcastInDim(value, shape, [0]))], axes: [0] };
};
