import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChunkedAttentionOptions } from "../../../src/reformer/attention/chunked-attention.ts";
import { pairsOf, type Pair, type Pairs } from "../../oracles/lsh-attention.ts";
import type { Matrix } from "../../oracles/lsh-hash.ts";
import { expectClose, groupOf, rowsOf } from "../../support/arrays.ts";
import {
  attendByKernel,
  attentionCases,
  attentionProblem,
  differentiateByKernel,
  plainCase,
  type AttentionCase,
} from "../../support/attention-problems.ts";
import { normals } from "../../support/random-data.ts";

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i], 0);

const zerosLike = (rows: Matrix): number[][] => rows.map((row) => row.map(() => 0));

function addTo(row: number[], factor: number, other: readonly number[]): void {
  other.forEach((x, i) => (row[i] += factor * x));
}

/** Softmax of the logits of one query. */
function weightsOf(pairs: readonly Pair[], logits: readonly number[]): readonly number[] {
  const peak = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = logits.map((logit) => Math.exp(logit - peak));
  const total = exponentials.reduce((sum, x) => sum + x, 0);
  return pairs.map((_, index) => exponentials[index] / total);
}

/** Gradients of sum(dOut out) + sum(dLse lse) of one group, by the chain rule in float64. */
function gradientsOf(
  [q, k, v]: readonly Matrix[],
  pairs: Pairs,
  dOut: readonly Matrix[],
  dLse: Matrix,
  { scale, selfMask }: ChunkedAttentionOptions,
): readonly number[][][] {
  const [dq, dk, dv] = [zerosLike(q), zerosLike(k), zerosLike(v)];
  pairs.forEach((ofRound, round) => {
    ofRound.forEach((ofQuery, i) => {
      const logits = ofQuery.map(({ key, isSelfMasked, offset }) =>
        isSelfMasked ? (selfMask ?? 0) : scale * dot(q[i], k[key]) + offset,
      );
      const weights = weightsOf(ofQuery, logits);
      const incoming = dOut[round][i];
      const dWeights = ofQuery.map(({ key, multiplier }) => multiplier * dot(incoming, v[key]));
      const mean = dot(weights, dWeights);
      ofQuery.forEach(({ key, isSelfMasked, multiplier }, index) => {
        addTo(dv[key], multiplier * weights[index], incoming);
        if (isSelfMasked) return;
        const dLogit = weights[index] * (dWeights[index] - mean + dLse[round][i]);
        addTo(dq[i], scale * dLogit, k[key]);
        addTo(dk[key], scale * dLogit, q[i]);
      });
    });
  });
  return [dq, dk, dv];
}

function expectGradients(drawn: AttentionCase): void {
  const { options } = drawn;
  const problem = attentionProblem(drawn);
  const { sizes, operands } = problem;
  const { groups, rounds, length, width, valueWidth } = sizes;
  const { out, lse } = attendByKernel(problem, options);
  const dOut = normals(drawn.seed + 4, out.length);
  const dLse = normals(drawn.seed + 5, lse.length);
  const results = differentiateByKernel(problem, options, [out, lse], [dOut, dLse]);
  problem.groupInfos.forEach((info, n) => {
    const widths = [width, width, valueWidth];
    const vectors = widths.map((w, i) => rowsOf(groupOf(operands[i], groups, n), w));
    const dOutRows = rowsOf(groupOf(dOut, groups, n), valueWidth);
    const byRound = Array.from({ length: rounds }, (_, r) =>
      dOutRows.slice(r * length, (r + 1) * length),
    );
    const dLseRows = rowsOf(groupOf(dLse, groups, n), length);
    const expected = gradientsOf(vectors, pairsOf(info, options), byRound, dLseRows, options);
    expected.forEach((gradient, i) => {
      const scale = gradient.flat().reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      const tolerance = { absolute: 1e-5 * scale, relative: 0 };
      const got = groupOf(results[i], groups, n);
      expectClose(got, gradient.flat(), tolerance, `gradient of ${"qkv"[i]}`);
    });
  });
}

describe("chunkedAttentionBackward", () => {
  test("agrees with the chain rule in float64 for every option, in any number of parts", () => {
    fc.assert(fc.property(attentionCases, expectGradients), { numRuns: 150 });
  });

  test.each<[string, Partial<AttentionCase>, Partial<ChunkedAttentionOptions>]>([
    ["chunks of 64", { width: 64, valueWidth: 64, chunks: 4 }, { chunkLength: 64 }],
    ["same bucket", { width: 64, valueWidth: 64 }, { chunkLength: 64, sameBucket: true }],
    ["chunks of 128", { width: 32, valueWidth: 32, rounds: 1 }, { chunkLength: 128 }],
    ["full attention", { rounds: 1, chunks: 1, sorted: false }, { chunkLength: 270, before: 0 }],
    ["wide keys", { width: 300, valueWidth: 3 }, { scale: 0.05 }],
    ["copies in a ring", { chunks: 1, rounds: 2 }, { circular: true, before: 2, after: 1 }],
    [
      "long windows",
      { chunks: 5, rounds: 1 },
      { chunkLength: 70, before: 2, after: 2, causal: false },
    ],
  ])("%s", (_, sizes, options) => {
    expectGradients({ ...plainCase, ...sizes, options: { ...plainCase.options, ...options } });
  });

  test("copies of a token that has only itself share its weight exactly", () => {
    const options = { ...plainCase.options, chunkLength: 1, before: 2, circular: true };
    const drawn = { ...plainCase, chunks: 1, rounds: 3, options };
    const problem = attentionProblem(drawn);
    const { out, lse } = attendByKernel(problem, options);
    const ones = new Float32Array(out.length).fill(1);
    const results = differentiateByKernel(
      problem,
      options,
      [out, lse],
      [ones, new Float32Array(3)],
    );
    // Three rounds, in each of which three copies weigh a third.
    for (const x of results[2]) expect(x).toBeCloseTo(3, 5);
    for (const x of [...results[0], ...results[1]]) expect(x).toBe(0);
  });
});
