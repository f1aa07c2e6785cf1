import { avalOf, type Aval } from "../../core/aval.ts";
import { ReformaxError } from "../../core/errors.ts";
import {
  listWords,
  tokenOperands,
  tokenSizes,
  windowTokens,
  type AttendTokenParams,
  type TokenSizes,
} from "../../ir/decoding.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { batchIntoGroups } from "../attention/batch.ts";
import { expectDType, expectIndices, expectRank, expectShape } from "../operand-checks.ts";
import { expectMemory } from "./expect-memory.ts";
import { attendByGathers } from "./decompose-attend.ts";
import { attendInOrder } from "./reference-attend.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly attendToken: AttendTokenParams;
  }
}

const where = "attendToken";

/**
 * What jointAttention, causal, gives for the last of t + 1 tokens, f32[N, e], from what is kept of the t tokens before it: the cost is that of
 * one token. Operands: q f32[N, d], the token's key f32[N, d] (left out with unit keys: it is q) and value f32[N, e]; keys
 * f32[N, C, d] (with unit keys the queries) and values f32[N, C, e] of the tokens before, of which the first t = `position` i32[N]
 * count; where tokens are sorted, the token's `bucket` i32[N, R] and the lists of the others, as insertToken makes them.
 *
 * The last `memory` rows of C are seen as if they stood behind the text, whoever asks; then bucket b is two lists, number 2b for the text and
 * 2b + 1 for memory. Around a ring tokens are sorted as if those that are kept were all there are; windows in the order of the text are
 * where they are in the whole text, and find nothing in place of forgotten tokens.
 *
 * A position without room gives NaN: there is nothing that it could be. Has no derivatives, which the full pass has.
 */
export const attendToken = definePrimitive<AttendTokenParams>({
  name: where,
  abstractEval: (inputs, params) => {
    const { groups, valueWidth } = checkOperands(inputs, params);
    return [avalOf("f32", [groups, valueWidth])];
  },
  jvp: "nonDifferentiable",
  transpose: "nonLinear",
  batch: (values, axes, params, size) => batchIntoGroups(where, values, axes, params, size),
  lower: {
    kind: "kernel",
    flops: (params, inputs) => {
      const sizes = tokenSizes(tokenOperands(inputs, params));
      const { groups, rounds, width, valueWidth } = sizes;
      return 2 * groups * Math.max(1, rounds) * windowTokens(params, sizes) * (width + valueWidth);
    },
  },
  decompose: (inputs, params) => [attendByGathers(inputs, params)],
  reference: (inputs, [out], params) => {
    attendInOrder(inputs, out, params);
  },
});

function checkOperands(inputs: readonly Aval[], params: AttendTokenParams): TokenSizes {
  const operands = tokenOperands(inputs, params);
  const { q, key, value, keys, values, position, lists } = operands;
  for (const [name, aval] of Object.entries({ q, key, value, keys, values }))
    expectDType(where, name, aval, ["f32"]);
  expectRank(where, "q", q, 2);
  expectRank(where, "value", value, 2);
  expectRank(where, "keys", keys, 3);
  const sizes = tokenSizes(operands);
  const { groups, capacity, rounds, buckets, width, valueWidth } = sizes;
  expectShape(where, "key", key, [groups, width]);
  expectShape(where, "value", value, [groups, valueWidth]);
  expectShape(where, "keys", keys, [groups, capacity, width]);
  expectShape(where, "values", values, [groups, capacity, valueWidth]);
  expectIndices(where, "position", position);
  expectShape(where, "position", position, [groups]);
  if (lists) {
    const { bucket, links, ends } = lists;
    for (const [name, aval] of Object.entries(lists)) expectIndices(where, name, aval);
    expectShape(where, "bucket", bucket, [groups, rounds]);
    expectShape(where, "links", links, [groups, rounds, capacity, listWords.link.count]);
    expectShape(where, "ends", ends, [groups, rounds, listWords.end.count, buckets]);
  }
  expectMemory(where, params.memory, capacity);
  checkParams(params, lists !== undefined);
  return sizes;
}

function checkParams(params: AttendTokenParams, sorted: boolean): void {
  const { chunkLength, before, after, whole, sameBucket, duplicates, circular } = params;
  const counts = [chunkLength, before, after, whole];
  const { memory, seesMemory } = params;
  const possible =
    (sorted ? seesMemory === memory > 0 : memory > 0 || !seesMemory) &&
    counts.every((count) => Number.isInteger(count) && count >= 0) &&
    chunkLength >= 1 &&
    !(duplicates && circular) &&
    (sorted || !(sameBucket || duplicates));
  if (possible) return;
  throw new ReformaxError("impossible window", {
    where,
    expected:
      "counts of at least 0, chunks of at least 1, duplicates only where rounds are separate, buckets and duplicates only where there are lists, and memory seen there",
    got: `chunkLength ${chunkLength}, before ${before}, after ${after}, whole ${whole}, sameBucket ${sameBucket}, duplicates ${duplicates}, circular ${circular}, memory ${memory}, seesMemory ${seesMemory}`,
  });
}
