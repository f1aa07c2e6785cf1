/** The mean loss, whose derivative is computed beside its value: against the mean of the losses, differentiated as it stands. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jit, jvp, tree, valueAndGrad, type Tensor, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { chunkedLosses } from "../../src/reformer/outputs/next-token.ts";
import { initParams } from "../../src/reformer/index.ts";
import { meanLoss } from "../../src/reformer/outputs/mean-loss.ts";
import { toStream, type StreamDType } from "../../src/reformer/stack/stream.ts";
import { expectCloseToLargest, expectSameBits, i32, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { integers } from "../support/random-data.ts";
import { tinyModel } from "./tiny-model.ts";

const base: ReformerConfig = { ...tinyModel, vocabulary: 13 };

interface Problem {
  readonly rows: number;
  readonly lossChunk: number | null;
  readonly tiedEmbedding: boolean;
  readonly conventions: "paper" | "lucidrains";
  readonly stream: StreamDType;
  readonly seed: number;
}

const anyProblems = fc.record<Problem>({
  rows: fc.integer({ min: 1, max: 23 }),
  lossChunk: fc.constantFrom(null, 1, 4, 5, 16),
  tiedEmbedding: fc.boolean(),
  conventions: fc.constantFrom("paper", "lucidrains"),
  stream: fc.constantFrom("f32", "q32.20"),
  seed: fc.nat(1000),
});

/** A tied embedding is as wide as the mean of the streams; the paper's head is as wide as both. */
const problems = anyProblems.map((problem) => ({
  ...problem,
  tiedEmbedding: problem.tiedEmbedding && problem.conventions === "lucidrains",
}));

type Loss = (params: HeadParams, first: Value, second: Value) => Value;
type HeadParams = Parameters<typeof meanLoss>[1];

const wordsOf = (x: Value): ArrayLike<number> => (x as Tensor).words();

/** Labels of which about a third, perhaps all, do not count. */
const labelsOf = (seed: number, rows: number): Tensor =>
  i32(
    [2, rows],
    integers(seed, 2 * rows, 18).map((label) => (label < 13 ? label : -1)),
  );

function problemOf({ rows, stream, seed, ...options }: Problem) {
  const config: ReformerConfig = { ...base, ...options };
  const { embedding, head } = initParams(config, key(seed));
  const [first, second] = [1, 2].map((salt) =>
    toStream(normalTensor(seed + salt, [2, rows, base.width]), stream),
  );
  const labels = labelsOf(seed, rows);
  const count = Math.max(1, labels.words().filter((label) => label >= 0).length);
  const beside: Loss = (p, x, y) => meanLoss(config, p, { first: x, second: y }, labels);
  const plainly: Loss = (p, x, y) =>
    np.div(np.sum(chunkedLosses(config, p, { first: x, second: y }, labels)), count);
  return { beside, plainly, args: [{ embedding, head }, first, second] as const };
}

describeBackends("the mean loss", () => {
  it("has the value and the gradient of the mean of the losses, to the bit", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { beside, plainly, args } = problemOf(problem);
        const argnums = [0, 1, 2];
        const got = jit(valueAndGrad(beside, { argnums }))(...args);
        const expected = jit(valueAndGrad(plainly, { argnums }))(...args);
        const [gotLeaves, expectedLeaves] = [got, expected].map((x) => tree.leaves<Tensor>(x));
        expect(gotLeaves.length).toBe(expectedLeaves.length);
        gotLeaves.forEach((leaf, i) => {
          expectSameBits(leaf, expectedLeaves[i], `${JSON.stringify(problem)}, leaf ${i}`);
        });
      }),
      { numRuns: 40 },
    );
  });

  it("has the forward derivative of the mean of the losses, and scales with what is made of it", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { beside, plainly, args } = problemOf({ ...problem, stream: "f32" });
        const directions = tree.map((x: Tensor) => normalTensor(problem.seed + 9, x.shape), args);
        const [got, expected] = [beside, plainly].map((f) => jvp(f, [...args], [...directions]));
        expectCloseToLargest(wordsOf(got[1]), wordsOf(expected[1]), 1e-5, JSON.stringify(problem));
        const squared = valueAndGrad((...given: Parameters<Loss>) => np.square(beside(...given)));
        const [, dParams] = squared(...args);
        const [value, single] = valueAndGrad(beside)(...args);
        const scaled = tree.map((x: Value) => np.mul(np.mul(x, 2), value), single);
        tree.leaves<Tensor>(dParams).forEach((leaf, i) => {
          expectCloseToLargest(
            leaf.words(),
            tree.leaves<Tensor>(scaled)[i].words(),
            1e-5,
            `leaf ${i}`,
          );
        });
      }),
      { numRuns: 20 },
    );
  });

  it("computes the logits once", () => {
    const problem: Problem = {
      rows: 16,
      lossChunk: 8,
      tiedEmbedding: false,
      conventions: "paper",
      stream: "f32",
      seed: 1,
    };
    const { beside, plainly, args } = problemOf(problem);
    const [once, twice] = [beside, plainly].map((f) =>
      jit(valueAndGrad(f, { argnums: [0, 1, 2] })).lower(...args),
    );
    const product = 2 * 32 * base.width * base.vocabulary;
    expect(twice.report.flops - once.report.flops).toBeGreaterThanOrEqual(product);
  });
});
