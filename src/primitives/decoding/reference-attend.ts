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
    const place = position.words[n];
    const room = capacity - params.memory;
    if (place < 0 || room === 0 || (!params.ring && place >= room)) {
      out.words.fill(NaN, n * valueWidth, (n + 1) * valueWidth);
      continue;
    }
    // Sorted tokens are those that are kept; in the order of the text forgotten ones leave gaps.
    const first = Math.max(0, place + 1 - room);
    const text = Array.from({ length: lists ? place + 1 - first : place + 1 }, (_, i) =>
      lists ? i + first : i,
    );
    const token = text.length - 1;
    const memory = params.seesMemory ? params.memory : 0;
    const whole = text.length + memory <= params.whole;
    /** Rows of the tokens, memory behind the text; -1 for what is not there. */
    const rows = [
      ...text.map((t) => (t >= first ? t % room : -1)),
      ...Array.from({ length: whole || lists ? memory : 0 }, (_, i) => room + i),
    ];
    const { length } = rows;
    const window = whole ? wholeWindow(params, length) : chunkWindow(params, length, !lists);
    const padded = Math.ceil(length / window.chunkLength) * window.chunkLength;
    const vectors = (x: ReferenceArray, own: ReferenceArray, size: number): ReferenceArray => {
      const words = new Float32Array(padded * size);
      rows.forEach((row, i) => {
        const from = i === token ? n : n * capacity + row;
        const source = i === token ? own : x;
        if (row >= 0) words.set(source.words.subarray(from * size, (from + 1) * size), i * size);
      });
      return { aval: avalOf("f32", [1, padded, size]), words };
    };
    const allKeys = vectors(keys, key, width);
    const allQueries = vectors(keys, q, width);
    const allValues = vectors(values, value, valueWidth);
    const buckets =
      whole || !lists
        ? [Array.from({ length: padded }, (_, i) => i)]
        : Array.from({ length: rounds }, (_, r) =>
            bucketsOf(lists, n * rounds + r, { rows, token, padded }, sizes, params),
          );
    const indices = sortAll(buckets, rows, padded);
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
  // Nothing that is kept is behind the token, and memory is seen wherever it stands.
  causal: false,
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

/** Buckets of all tokens in a round of a group, padding behind all others. */
function bucketsOf(
  { bucket, links }: { readonly bucket: ReferenceArray; readonly links: ReferenceArray },
  unit: number,
  tokens: { readonly rows: readonly number[]; readonly token: number; readonly padded: number },
  { capacity, buckets }: TokenSizes,
  { memory }: AttendTokenParams,
): readonly number[] {
  const { link } = listWords;
  const { rows, token, padded } = tokens;
  const ofRow = (row: number): number =>
    links.words[(unit * capacity + row) * link.count + link.bucket];
  return Array.from({ length: padded }, (_, i) => {
    if (i >= rows.length) return buckets;
    const list = i === token ? bucket.words[unit] : ofRow(rows[i]);
    return memory > 0 ? list >> 1 : list;
  });
}

/** Order, inverse, buckets, valid and dropoutKey as jointAttention reads them. */
function sortAll(
  buckets: readonly (readonly number[])[],
  rows: readonly number[],
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
  const valid: Words = Int32Array.from({ length: padded }, (_, i) =>
    Number(i < rows.length && rows[i] >= 0),
  );
  return [
    perRound(orders),
    perRound(inverses),
    perRound(buckets),
    { aval: avalOf("i32", [1, padded]), words: valid },
    { aval: avalOf("u32", [1, 2]), words: new Uint32Array(2) },
  ];
}
