import { avalOf } from "../../core/aval.ts";
import type { Words } from "../../core/dtype.ts";
import type { JointAttentionParams } from "../../ir/attention.ts";
import {
  listWords,
  tokenOperands,
  tokenSizes,
  type AttendTokenParams,
  type TokenSizes,
} from "../../ir/decoding.ts";
import type { ReferenceArray } from "../../ir/primitive.ts";
import { jointSoftmax } from "../attention/joint-attention.ts";

/** attendToken as its definition says: the last row of the attention of all tokens, sorted anew. */
export function attendInOrder(
  inputs: readonly ReferenceArray[],
  out: ReferenceArray,
  params: AttendTokenParams,
): void {
  const operands = tokenOperands(inputs, params);
  const sizes = tokenSizes(
    tokenOperands(
      inputs.map(({ aval }) => aval),
      params,
    ),
  );
  const { groups, capacity, rounds, width, valueWidth } = sizes;
  const { q, key, value, keys, values, position, lists } = operands;
  for (let n = 0; n < groups; n++) {
    const token = position.words[n];
    if (token < 0 || token >= capacity) {
      out.words.fill(NaN, n * valueWidth, (n + 1) * valueWidth);
      continue;
    }
    const length = token + 1;
    const whole = length <= params.whole;
    const window = whole ? wholeWindow(params, length) : chunkWindow(params, length, !lists);
    const padded = Math.ceil(length / window.chunkLength) * window.chunkLength;
    const vectors = (rows: ReferenceArray, own: ReferenceArray, size: number): ReferenceArray => {
      const words = new Float32Array(padded * size);
      words.set(rows.words.subarray(n * capacity * size, (n * capacity + token) * size));
      words.set(own.words.subarray(n * size, (n + 1) * size), token * size);
      return { aval: avalOf("f32", [1, padded, size]), words };
    };
    const allKeys = vectors(keys, key, width);
    const allQueries = vectors(keys, q, width);
    const allValues = vectors(values, value, valueWidth);
    const buckets =
      whole || !lists
        ? [Array.from({ length: padded }, (_, i) => i)]
        : Array.from({ length: rounds }, (_, r) => bucketsOf(lists, n, r, token, padded, sizes));
    const indices = sortAll(buckets, length, padded);
    const seen = jointSoftmax([allQueries, allKeys, allValues, ...indices], 0, token, window);
    for (let c = 0; c < valueWidth; c++) {
      let sum = 0;
      seen.keys.forEach((visible, i) => {
        sum += seen.weights[i] * allValues.words[visible.token * valueWidth + c];
      });
      out.words[n * valueWidth + c] = sum;
    }
  }
}

const common = ({ selfMask, scale, unitKeys }: AttendTokenParams) => ({
  causal: true,
  masked: true,
  selfMask,
  scale,
  unitKeys,
  keepProbability: null,
});

const wholeWindow = (params: AttendTokenParams, length: number): JointAttentionParams => ({
  ...common(params),
  chunkLength: length,
  before: 0,
  after: 0,
  sameBucket: false,
  duplicates: false,
  circular: false,
});

/** In the order of positions a ring that leads into the future only is none. */
const chunkWindow = (
  params: AttendTokenParams,
  length: number,
  unsorted: boolean,
): JointAttentionParams => {
  const { chunkLength, before, after, sameBucket, duplicates, circular } = params;
  const futureOnly = unsorted && after === 0 && before < Math.ceil(length / chunkLength);
  return {
    ...common(params),
    chunkLength,
    before,
    after,
    sameBucket,
    duplicates,
    circular: circular && !futureOnly,
  };
};

/** Buckets of all tokens in a round, padding behind all others. */
function bucketsOf(
  { bucket, links }: { readonly bucket: ReferenceArray; readonly links: ReferenceArray },
  group: number,
  round: number,
  token: number,
  padded: number,
  { capacity, rounds, buckets }: TokenSizes,
): readonly number[] {
  const unit = group * rounds + round;
  const { link } = listWords;
  return Array.from({ length: padded }, (_, i) => {
    if (i > token) return buckets;
    if (i === token) return bucket.words[unit];
    return links.words[(unit * capacity + i) * link.count + link.bucket];
  });
}

/** Order, inverse, buckets, valid and dropoutKey as jointAttention reads them. */
function sortAll(
  buckets: readonly (readonly number[])[],
  length: number,
  padded: number,
): readonly ReferenceArray[] {
  const rounds = buckets.length;
  const orders = buckets.map((ofRound) =>
    ofRound.map((_, i) => i).sort((a, b) => ofRound[a] - ofRound[b] || a - b),
  );
  const inverses = orders.map((order) => {
    const inverse = new Array<number>(padded).fill(0);
    order.forEach((token, slot) => (inverse[token] = slot));
    return inverse;
  });
  const perRound = (lists: readonly (readonly number[])[]): ReferenceArray => ({
    aval: avalOf("i32", [1, rounds, padded]),
    words: Int32Array.from(lists.flat()),
  });
  const valid: Words = Int32Array.from({ length: padded }, (_, i) => Number(i < length));
  return [
    perRound(orders),
    perRound(inverses),
    perRound(buckets),
    { aval: avalOf("i32", [1, padded]), words: valid },
    { aval: avalOf("u32", [1, 2]), words: new Uint32Array(2) },
  ];
}
