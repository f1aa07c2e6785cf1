import { avalOf, formatAvals, type Aval } from "../../core/aval.ts";
import { ReformaxError, ShapeError } from "../../core/errors.ts";
import { floatBits } from "../../ir/lowering.ts";
import { expectDType, expectIndices, expectRank, expectShape } from "../operand-checks.ts";

/** Who attends to whom in chunks of sorted slots; the meaning of each is in `chunked-attention.ts`. */
export interface ChunkedAttentionParams {
  readonly chunkLength: number;
  readonly before: number;
  readonly after: number;
  readonly causal: boolean;
  readonly sameBucket: boolean;
  readonly selfMask: number | null;
  readonly duplicates: boolean;
  readonly circular: boolean;
  readonly masked: boolean;
  readonly scale: number;
  readonly keepProbability: number | null;
}

/** Attention with one softmax over the keys of all rounds; see `joint-attention.ts`. */
export interface JointAttentionParams extends ChunkedAttentionParams {
  /**
   * A number: queries are keys too, at unit length, with this epsilon beside their mean square, and there is no operand k.
   * Null: keys are an operand of their own.
   */
  readonly unitKeys: number | null;
}

/** N groups, L tokens, R rounds, query width d, value width e. */
export interface AttentionSizes {
  readonly groups: number;
  readonly length: number;
  readonly rounds: number;
  readonly width: number;
  readonly valueWidth: number;
}

export const sizesOf = ([q, , v, order]: readonly Aval[]): AttentionSizes => ({
  groups: q.shape[0],
  length: q.shape[1],
  rounds: order.shape[1],
  width: q.shape[2],
  valueWidth: v.shape[2],
});

/** Log partition function of a token that may attend to nothing. */
export const emptyLse = -1e30;

/** The probability that survives rounding to the kernel's 32-bit threshold. */
export const keepThreshold = (probability: number): number => Math.floor(probability * 4294967296);

export const keepScale = (probability: number): number =>
  Math.fround(1 / Math.fround(keepThreshold(probability) / 4294967296));

const flagBits = {
  causal: 1,
  sameBucket: 2,
  selfMask: 4,
  duplicates: 8,
  circular: 16,
  masked: 32,
  dropout: 64,
  unitKeys: 128,
};

/** The immediates that all attention kernels begin with; see docs/design/kernels.md. */
export function attentionImmediates(
  params: ChunkedAttentionParams,
  sizes: AttentionSizes,
  unitKeys: number | null = null,
): readonly number[] {
  const flags =
    (params.causal ? flagBits.causal : 0) +
    (params.sameBucket ? flagBits.sameBucket : 0) +
    (params.selfMask !== null ? flagBits.selfMask : 0) +
    (params.duplicates ? flagBits.duplicates : 0) +
    (params.circular ? flagBits.circular : 0) +
    (params.masked ? flagBits.masked : 0) +
    (params.keepProbability !== null ? flagBits.dropout : 0) +
    (unitKeys !== null ? flagBits.unitKeys : 0);
  return [
    sizes.groups,
    sizes.length,
    sizes.rounds,
    sizes.width,
    sizes.valueWidth,
    params.chunkLength,
    params.before,
    params.after,
    flags,
    floatBits(params.scale),
    floatBits(params.selfMask ?? 0),
    params.keepProbability === null ? 0 : keepThreshold(params.keepProbability) | 0,
  ];
}

/** The operands of chunkedAttention from those of jointAttention, which may lack k. */
export const withKeys = <T>(
  inputs: readonly T[],
  { unitKeys }: JointAttentionParams,
): readonly T[] => (unitKeys === null ? inputs : [inputs[0], ...inputs]);

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
  expectShape(where, "valid", valid, [groups, length]);
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
  const { chunkLength, before, after, duplicates, circular, keepProbability } = params;
  if (!(chunkLength >= 1) || length % chunkLength !== 0) {
    throw new ShapeError("the chunk length does not divide the length", {
      where,
      expected: `a divisor of ${length}`,
      got: `${chunkLength} with ${formatAvals(inputs.slice(0, 3))}`,
      fix: "Pad the tokens to whole chunks and mask the padding.",
    });
  }
  if (before < 0 || after < 0 || (duplicates && circular)) {
    throw new ReformaxError("impossible window", {
      where,
      expected: "before and after at least 0, and duplicates only where rounds are separate",
      got: `before ${before}, after ${after}, duplicates ${duplicates}, circular ${circular}`,
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
