import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChunkedAttentionOptions } from "../../../src/reformer/attention/chunked-attention.ts";
import { attend, pairsOf } from "../../oracles/lsh-attention.ts";
import { expectClose, groupOf, rowsOf } from "../../support/arrays.ts";
import {
  attendByKernel,
  attentionCases,
  attentionProblem,
  plainCase,
  type AttentionCase,
} from "../../support/attention-problems.ts";

function expectAttention(drawn: AttentionCase): void {
  const problem = attentionProblem(drawn);
  const { groups, width, valueWidth } = problem.sizes;
  const { out, lse } = attendByKernel(problem, drawn.options);
  problem.groupInfos.forEach((info, n) => {
    const vectors = problem.operands.slice(0, 3).map((words) => groupOf(words, groups, n));
    const [q, k, v] = vectors.map((words, i) => rowsOf(words, i === 2 ? valueWidth : width));
    const expected = attend(q, k, v, pairsOf(info, drawn.options), drawn.options);
    const tolerance = { absolute: 1e-5, relative: 1e-6 };
    expectClose(groupOf(out, groups, n), expected.out.flat(2), tolerance, "out");
    expectClose(groupOf(lse, groups, n), expected.lse.flat(), tolerance, "lse");
  });
}

describe("chunkedAttention", () => {
  test("agrees with loops in float64 for every option, in any number of parts", () => {
    fc.assert(fc.property(attentionCases, expectAttention), { numRuns: 150 });
  });

  test.each<[string, Partial<AttentionCase>, Partial<ChunkedAttentionOptions>]>([
    ["chunks of 64", { width: 64, valueWidth: 64, chunks: 4 }, { chunkLength: 64 }],
    [
      "chunks of 64, same bucket",
      { width: 64, valueWidth: 64 },
      { chunkLength: 64, sameBucket: true },
    ],
    ["chunks of 128", { width: 32, valueWidth: 32 }, { chunkLength: 128 }],
    ["blocks of queries and keys", { rounds: 1, chunks: 1 }, { chunkLength: 300, before: 0 }],
    [
      "full attention",
      { rounds: 1, chunks: 1, sorted: false },
      { chunkLength: 270, before: 0, selfMask: null },
    ],
    [
      "a window of several blocks",
      { chunks: 5 },
      { chunkLength: 70, before: 2, after: 2, causal: false },
    ],
    ["wide keys", { width: 300, valueWidth: 3 }, { scale: 0.05 }],
    [
      "a ring smaller than the window",
      { chunks: 1, rounds: 1 },
      { circular: true, before: 2, after: 1 },
    ],
  ])("%s", (_, sizes, options) => {
    expectAttention({ ...plainCase, ...sizes, options: { ...plainCase.options, ...options } });
  });

  test("keys that no query may see do not matter, whatever they are", () => {
    const drawn = { ...plainCase, options: { ...plainCase.options, masked: true } };
    const problem = attentionProblem(drawn);
    const { out } = attendByKernel(problem, drawn.options);
    const [q, k, v, ...rest] = problem.operands.map((words) => words.slice());
    const valid = rest[3];
    valid.forEach((isValid, token) => {
      if (isValid !== 0) return;
      k.fill(1e6, token * plainCase.width, (token + 1) * plainCase.width);
      v.fill(1e6, token * plainCase.valueWidth, (token + 1) * plainCase.valueWidth);
    });
    const changed = attendByKernel({ ...problem, operands: [q, k, v, ...rest] }, drawn.options);
    // An invalid token still attends to itself when there is nothing else.
    const fellBack = (row: number): boolean => changed.out[row * plainCase.valueWidth] === 1e6;
    for (let row = 0; row < out.length / plainCase.valueWidth; row++) {
      if (fellBack(row)) continue;
      for (let c = 0; c < plainCase.valueWidth; c++) {
        expect(changed.out[row * plainCase.valueWidth + c]).toBe(
          out[row * plainCase.valueWidth + c],
        );
      }
    }
  });
});
