import { avalOf, formatAvals, type Aval } from "../../core/aval.ts";
import { ReformaxError, ShapeError } from "../../core/errors.ts";
import { expectDType, expectIndices, expectRank, expectShape } from "../operand-checks.ts";
import {
  type ChunkedAttentionParams,
  type AttentionSizes,
  sizesOf,
  keepThreshold,
} from "../../ir/attention.ts";

/** Log partition function of a token that may attend to nothing. */
export const emptyLse = -1e30;

export const keepScale = (probability: number): number =>
  Math.fround(1 / Math.fround(keepThreshold(probability) / 4294967296));

/** Results of a joint softmax: out f32[N, L, e], lse f32[N, L]. */
export const jointAvals = ({ groups, length, valueWidth }: AttentionSizes): readonly Aval[] => [
  avalOf("f32", [groups, length, valueWidth]),
  avalOf("f32", [groups, length]),
];

const names = ["q", "k", "v", "order", "inverse", "buckets", "valid", "dropoutKey"] as const;

/** Checks the eight operands that forward and backward share. */
export function checkAttention(
  where: string,
  inputs: readonly Aval[],
  params: ChunkedAttentionParams,
): AttentionSizes {
  const [q, k, v, order, inverse, buckets, valid, dropoutKey] = inputs;
  [q, k, v].forEach((aval, i) => {
    expectDType(where, names[i], aval, ["f32"]);
    expectRank(where, names[i], aval, 3);
  });
  expectRank(where, "order", order, 3);
  [order, inverse, buckets, valid].forEach((aval, i) => expectIndices(where, names[3 + i], aval));
  const sizes = sizesOf(inputs);
  const { groups, length, rounds, width, valueWidth } = sizes;
  expectShape(where, "k", k, [groups, length, width]);
  expectShape(where, "v", v, [groups, length, valueWidth]);
  [order, inverse, buckets].forEach((aval, i) =>
    expectShape(where, names[3 + i], aval, [groups, rounds, length]),
  );
  expectShape(where, "valid", valid, params.pairs ? [groups, length, length] : [groups, length]);
  expectDType(where, "dropoutKey", dropoutKey, ["u32"]);
  expectShape(where, "dropoutKey", dropoutKey, [groups, 2]);
  checkParams(where, params, length, inputs);
  return sizes;
}

function checkParams(
  where: string,
  params: ChunkedAttentionParams,
  length: number,
  inputs: readonly Aval[],
): void {
  const { chunkLength, before, after, masked, pairs, keepProbability } = params;
  if (!(chunkLength >= 1) || length % chunkLength !== 0) {
    throw new ShapeError("the chunk length does not divide the length", {
      where,
      expected: `a divisor of ${length}`,
      got: `${chunkLength} with ${formatAvals(inputs.slice(0, 3))}`,
      fix: "Pad the tokens to whole chunks and mask the padding.",
    });
  }
  if (before < 0 || after < 0) {
    throw new ReformaxError("impossible window", {
      where,
      expected: "before and after at least 0",
      got: `before ${before}, after ${after}`,
    });
  }
  if (pairs && !masked) {
    throw new ReformaxError("pairs without a mask", {
      where,
      expected: "masked: true wherever pairs is true",
      got: `masked: ${masked}`,
    });
  }
  if (keepProbability !== null && !(keepProbability > 0 && keepProbability < 1)) {
    throw new ReformaxError("keepProbability out of range", {
      where,
      expected: "0 < keepProbability < 1, or null for no dropout",
      got: String(keepProbability),
    });
  }
}

export const outputAvals = ({
  groups,
  length,
  rounds,
  valueWidth,
}: AttentionSizes): readonly Aval[] => [
  avalOf("f32", [groups, rounds, length, valueWidth]),
  avalOf("f32", [groups, rounds, length]),
];

export const gradientAvals = ({
  groups,
  length,
  width,
  valueWidth,
}: AttentionSizes): readonly Aval[] => [
  avalOf("f32", [groups, length, width]),
  avalOf("f32", [groups, length, width]),
  avalOf("f32", [groups, length, valueWidth]),
];
