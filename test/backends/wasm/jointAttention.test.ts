import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Words } from "../../../src/core/dtype.ts";
import {
  attentionBackwardWorkspaceWords,
  attentionWorkspaceWords,
  backwardCalls,
} from "../../../src/backends/wasm/calls/attention-workspace.ts";
import { floatBits } from "../../../src/core/dtype.ts";
import { expectClose } from "../../support/arrays.ts";
import {
  attendByKernel,
  attentionCases,
  attentionProblem,
  differentiateByKernel,
  plainCase,
  type AttentionCase,
  type AttentionProblem,
} from "../../support/attention-problems.ts";
import { runInParts, workspace } from "../../support/kernels.ts";
import { normals } from "../../support/random-data.ts";

/** out and lse, the same in any number of parts. */
function attend(
  { operands, sizes, immediates }: AttentionProblem,
  { options }: AttentionCase,
  unitBits: number,
): readonly Words[] {
  const rows = sizes.groups * sizes.length;
  const state = [rows * sizes.valueWidth, rows, rows].map((n) => workspace(n));
  const space = workspace(attentionWorkspaceWords(options, sizes));
  let buffers: readonly Words[] = [...operands, ...state, space];
  for (let round = 0; round < sizes.rounds; round++) {
    buffers = runInParts("jointAttention", buffers, [...immediates, unitBits, round], [8, 9]);
  }
  return buffers.slice(8, 10);
}

/** dq, dk and dv, or with unit keys dq and dv, the same in any number of parts. */
function differentiate(
  { operands, sizes, immediates }: AttentionProblem,
  { options }: AttentionCase,
  unitBits: number,
  known: readonly Words[],
): readonly Words[] {
  const { groups, length, width, valueWidth } = sizes;
  const zeros = (w: number): Words => new Float32Array(groups * length * w);
  const dq = zeros(width);
  const gradients = [dq, unitBits === 0 ? zeros(width) : dq, zeros(valueWidth)];
  const space = workspace(attentionBackwardWorkspaceWords(options, sizes));
  let buffers: readonly Words[] = [...operands, ...known, ...gradients, space];
  for (const { round, colour } of backwardCalls(options, sizes)) {
    const words = [...immediates, unitBits, round, colour];
    const results = runInParts("jointAttentionBackward", buffers, words, [11, 12, 13]);
    // The copies of what was one buffer stay one.
    buffers = results.map((result, i) => (unitBits !== 0 && i === 12 ? results[11] : result));
  }
  return buffers.slice(11, 14);
}

const dot = (a: Words, b: Words, at: number, other: number, n: number): number =>
  Array.from({ length: n }, (_, c) => a[at + c] * b[other + c]).reduce((x, y) => x + y, 0);

/**
 * What each round counts in the softmax over all, by round and token. At -1e5 an f32 has two digits behind the point: what
 * a token's copies alone give is taken for the logarithm of a whole number.
 */
function sharesOf(given: Words, rounds: number, length: number, self: number | null): Float64Array {
  const lses = Float64Array.from(given, (lse) =>
    self !== null && self < -1000 && Math.abs(lse - self) < 16
      ? self + Math.log(Math.round(Math.exp(lse - self)))
      : lse,
  );
  const shares = new Float64Array(lses.length);
  for (let row = 0; row < lses.length / rounds; row++) {
    const [n, i] = [Math.floor(row / length), row % length];
    const index = (r: number): number => (n * rounds + r) * length + i;
    const ofRounds = Array.from({ length: rounds }, (_, r) => lses[index(r)]);
    const peak = ofRounds.reduce((a, b) => Math.max(a, b));
    const total = ofRounds.reduce((sum, lse) => sum + Math.exp(lse - peak), 0);
    ofRounds.forEach((lse, r) => (shares[index(r)] = Math.exp(lse - peak) / total));
  }
  return shares;
}

function expectJoint(drawn: AttentionCase): void {
  const { options } = drawn;
  const problem = attentionProblem(drawn);
  const { groups, rounds, length, valueWidth } = problem.sizes;
  const rows = groups * length;
  const [out, lse] = attend(problem, drawn, 0);
  const byRound = attendByKernel(problem, options);
  const shares = sharesOf(byRound.lse, rounds, length, options.selfMask);
  const expected = new Float64Array(out.length);
  const eachRow = (visit: (row: number, source: number) => void): void => {
    for (let source = 0; source < rows * rounds; source++) {
      visit(Math.floor(source / (rounds * length)) * length + (source % length), source);
    }
  };
  eachRow((row, source) => {
    for (let c = 0; c < valueWidth; c++)
      expected[row * valueWidth + c] += shares[source] * byRound.out[source * valueWidth + c];
  });
  expectClose(out, expected, { absolute: 1e-5, relative: 1e-5 }, "out");

  const dOut = normals(drawn.seed + 4, out.length);
  const dOuts = new Float32Array(byRound.out.length);
  const dLses = new Float32Array(byRound.lse.length);
  eachRow((row, source) => {
    for (let c = 0; c < valueWidth; c++)
      dOuts[source * valueWidth + c] = shares[source] * dOut[row * valueWidth + c];
    const [at, from] = [source * valueWidth, row * valueWidth];
    const difference =
      dot(byRound.out, dOut, at, from, valueWidth) - dot(out, dOut, from, from, valueWidth);
    dLses[source] = shares[source] * difference;
  });
  const joint = differentiate(problem, drawn, 0, [out, lse, dOut]);
  const separate = differentiateByKernel(
    problem,
    options,
    [byRound.out, byRound.lse],
    [dOuts, dLses],
  );
  joint.forEach((gradient, i) => {
    const largest = Math.max(1, ...Array.from(separate[i], Math.abs));
    const tolerance = { absolute: 2e-5 * largest, relative: 0 };
    expectClose(gradient, separate[i], tolerance, `gradient of ${"qkv"[i]}`);
  });
}

describe("jointAttention", () => {
  test("is the rounds' attention, weighed by softmax, in any number of parts", () => {
    fc.assert(fc.property(attentionCases, expectJoint), { numRuns: 100 });
  });

  test.each<[string, Partial<AttentionCase>, Partial<AttentionCase["options"]>]>([
    ["chunks of 64", { width: 64, valueWidth: 64, chunks: 4 }, { chunkLength: 64 }],
    ["full attention", { rounds: 1, chunks: 1, sorted: false }, { chunkLength: 270, before: 0 }],
    ["a ring", { chunks: 5, rounds: 3 }, { circular: true, before: 1, after: 1 }],
    ["a ring of copies", { chunks: 1, rounds: 2 }, { circular: true, before: 2, after: 1 }],
  ])("%s", (_, sizes, options) => {
    expectJoint({ ...plainCase, ...sizes, options: { ...plainCase.options, ...options } });
  });

  test("with unit keys has the same bits in any number of parts", () => {
    fc.assert(
      fc.property(attentionCases, (drawn) => {
        const problem = attentionProblem(drawn);
        const unitFlag = 128;
        const immediates = problem.immediates.map((word, i) => (i === 8 ? word + unitFlag : word));
        const [q, , ...others] = problem.operands;
        const shared = { ...problem, immediates, operands: [q, q, ...others] };
        const unitBits = floatBits(1e-6);
        const [out, lse] = attend(shared, drawn, unitBits);
        const dOut = normals(drawn.seed + 4, out.length);
        const gradients = differentiate(shared, drawn, unitBits, [out, lse, dOut]);
        for (const gradient of gradients) expect(gradient.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("gives a token that sees only itself, in every round, its own value", () => {
    const drawn = { ...plainCase, rounds: 7, options: { ...plainCase.options, chunkLength: 4 } };
    const problem = attentionProblem(drawn);
    const [out, lse] = attend(problem, drawn, 0);
    const v = problem.operands[2];
    const { valueWidth } = problem.sizes;
    expect(lse[0]).toBeCloseTo(-1e5 + Math.log(7), 1);
    expectClose(
      out.slice(0, valueWidth),
      v.slice(0, valueWidth),
      { absolute: 1e-6, relative: 0 },
      "token 0",
    );
  });
});
