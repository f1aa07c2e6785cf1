import { avalOf } from "../core/aval.ts";
import { stridesOf, type Shape } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import type { ContractSpec } from "../ir/lowering.ts";
import { add, dotGeneral as dotGeneralOp, transpose } from "../ir/ops.ts";
import { definePrimitive, type BatchRule, type ReferenceRule } from "../ir/primitive.ts";
import { besideMapped, contractedShape, freeAxes, lhsSide } from "./dot-general-axes.ts";
import { rhsSide, specOf, type Side } from "./dot-general-axes.ts";
import { expectDType } from "./operand-checks.ts";
import { transposeBeside } from "./rules/known-operand.ts";

declare module "../ir/params.ts" {
  interface PrimitiveParams {
    readonly dotGeneral: ContractSpec;
  }
}

const where = "dotGeneral";

/**
 * Contraction of two f32 arrays: out[batch..., free of lhs..., free of rhs...] is the sum over the
 * contracted axes (`lax.dot_general`). The reference sums in float64 and rounds once; backends sum
 * f32 in blocks of 256 along the K contracted elements, each term within
 * (min(K, 256) + K / 256) roundings of it.
 */
export const dotGeneral = definePrimitive<ContractSpec>({
  name: where,
  abstractEval: ([x, y], spec) => {
    expectDType(where, "the left operand", x, ["f32"]);
    expectDType(where, "the right operand", y, ["f32"]);
    return [avalOf("f32", contractedShape(where, x, y, spec), x.weak && y.weak)];
  },
  jvp: ([x, y], [dx, dy], spec) => {
    const ofX = dx && dotGeneralOp(dx, y, spec);
    const ofY = dy && dotGeneralOp(x, dy, spec);
    return {
      primals: [dotGeneralOp(x, y, spec)],
      tangents: [ofX && ofY ? add(ofX, ofY) : (ofX ?? ofY)],
    };
  },
  transpose: ([cotangent], [x, y], spec) => {
    const [lhs, rhs] = [lhsSide(spec), rhsSide(spec)];
    const [xRank, yRank] = [x.aval.shape.length, y.aval.shape.length];
    const batch = lhs.batch.length;
    const firstOfY = batch + freeAxes(xRank, lhs).length;
    return [
      transposeBeside(x, y, cotangent, (ct, known) =>
        transposeSide(ct, firstOfY, known, { own: lhs, other: rhs, rank: xRank }),
      ),
      transposeBeside(y, x, cotangent, (ct, known) =>
        transposeSide(ct, batch, known, { own: rhs, other: lhs, rank: yRank }),
      ),
    ];
  },
  batch: (values, axes, spec, size) => batchDotGeneral(values, axes, spec, size),
  lower: { kind: "contract", spec: (spec) => spec },
  reference: (inputs, outputs, spec) => referenceContraction(inputs, outputs, spec),
});

/**
 * Cotangent of one side: the result's cotangent contracted with the other side over that side's
 * free axes, which lie in the cotangent from axis `firstFree` on; then axes back in their order.
 */
function transposeSide(
  cotangent: Value,
  firstFree: number,
  known: Value,
  { own, other, rank }: { own: Side; other: Side; rank: number },
): Value {
  const knownFree = freeAxes(known.shape.length, other);
  const ofCotangent: Side = {
    batch: own.batch.map((_, i) => i),
    contract: knownFree.map((_, i) => firstFree + i),
  };
  const product = dotGeneralOp(
    cotangent,
    known,
    specOf(ofCotangent, { batch: other.batch, contract: knownFree }),
  );
  // The product's last axes are the other side's contracted ones in ascending order.
  const contracted = other.contract
    .map((axis, i) => ({ axis, own: own.contract[i] }))
    .sort((a, b) => a.axis - b.axis)
    .map((pair) => pair.own);
  const axes = [...own.batch, ...freeAxes(rank, own), ...contracted];
  return transpose(
    product,
    axes.map((_, axis) => axes.indexOf(axis)),
  );
}

/** An axis mapped on one side only becomes a free axis there: the other operand stays as it is. */
const batchDotGeneral: BatchRule<ContractSpec> = ([x, y], [xMapped, yMapped], spec) => {
  const lhs = xMapped === undefined ? lhsSide(spec) : besideMapped(lhsSide(spec), xMapped);
  const rhs = yMapped === undefined ? rhsSide(spec) : besideMapped(rhsSide(spec), yMapped);
  if (xMapped !== undefined && yMapped !== undefined) {
    const joint = specOf(
      { ...lhs, batch: [xMapped, ...lhs.batch] },
      { ...rhs, batch: [yMapped, ...rhs.batch] },
    );
    return { values: [dotGeneralOp(x, y, joint)], axes: [0] };
  }
  const xFree = freeAxes(x.shape.length, lhs);
  const yFree = freeAxes(y.shape.length, rhs);
  const free =
    xMapped === undefined ? xFree.length + yFree.indexOf(yMapped ?? 0) : xFree.indexOf(xMapped);
  return { values: [dotGeneralOp(x, y, specOf(lhs, rhs))], axes: [lhs.batch.length + free] };
};

const referenceContraction: ReferenceRule<ContractSpec> = ([x, y], [out], spec) => {
  const xAxes = orderedOffsets(x.aval.shape, lhsSide(spec));
  const yAxes = orderedOffsets(y.aval.shape, rhsSide(spec));
  let next = 0;
  for (let batch = 0; batch < xAxes.batch.length; batch++) {
    for (const xFree of xAxes.free) {
      for (const yFree of yAxes.free) {
        const xStart = xAxes.batch[batch] + xFree;
        const yStart = yAxes.batch[batch] + yFree;
        out.words[next++] = xAxes.contract.reduce(
          (sum, offset, k) => sum + x.words[xStart + offset] * y.words[yStart + yAxes.contract[k]],
          0,
        );
      }
    }
  }
};

/** Offsets of all index combinations of the batch, free and contracted axes, each in row-major order. */
function orderedOffsets(shape: Shape, side: Side): Record<"batch" | "free" | "contract", number[]> {
  const strides = stridesOf(shape);
  const offsets = (axes: readonly number[]): number[] =>
    axes.reduce<number[]>(
      (outer, axis) =>
        outer.flatMap((offset) =>
          Array.from({ length: shape[axis] }, (_, i) => offset + i * strides[axis]),
        ),
      [0],
    );
  return {
    batch: offsets(side.batch),
    free: offsets(freeAxes(shape.length, side)),
    contract: offsets(side.contract),
  };
}
