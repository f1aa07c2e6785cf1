/** Toy tasks: what is asked, and what the answer is. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyBatch } from "../../../experiments/copy/sequences.ts";
import { runKeys, taskConfig, toySequences, toyTask } from "../../../src/training/index.ts";
import type { SequenceBatch } from "../../../src/training/sequences/batch.ts";
import { toyNames, toyOf, type ToyName } from "../../../src/training/toy/toys.ts";

interface Read {
  readonly question: readonly number[];
  readonly answer: readonly number[];
}

/** Question and answer, told apart by the zeros before them; what is asked for is the answer and nothing else. */
function readOf({ tokens, targets }: ReturnType<typeof toySequences>[number]): Read {
  const all = Array.from(tokens);
  const second = all.indexOf(0, 1);
  const question = all.slice(1, second);
  const asked = Array.from(targets);
  const answer = asked.filter((target) => target >= 0);
  expect(all[0]).toBe(0);
  expect(all.slice(second + 1, second + 1 + answer.length)).toEqual(answer);
  expect(all.slice(second + 1 + answer.length).every((token) => token === 0)).toBe(true);
  expect(asked.findIndex((target) => target >= 0)).toBe(second);
  return { question, answer };
}

const draws = { seed: fc.nat(1000), step: fc.nat(1000), length: fc.integer({ min: 7, max: 40 }) };

const eachRiddle = (
  name: ToyName,
  symbols: number,
  check: (riddle: Read, length: number) => void,
): void => {
  fc.assert(
    fc.property(fc.record(draws), ({ seed, step, length }) => {
      for (const one of toySequences({ name, symbols, length }, 3, runKeys(seed), step)) {
        const riddle = readOf(one);
        const most = Math.max(...riddle.question, ...riddle.answer);
        expect(most).toBeLessThan(Math.max(3, toyOf(name).vocabulary(symbols)));
        check(riddle, length);
      }
    }),
    { numRuns: 40 },
  );
};

/** Digits, lowest first, as a number. */
const numberOf = (digits: readonly number[], base: bigint): bigint =>
  digits.reduceRight((sum, digit) => sum * base + BigInt(digit - 1), 0n);

const matches = (question: readonly number[]): boolean => {
  const open: number[] = [];
  for (const bracket of question) {
    if (bracket % 2 === 1) open.push(bracket);
    else if (open.pop() !== bracket - 1) return false;
  }
  return open.length === 0;
};

describe("the answer of", () => {
  it("copy, reverse and sort is the question in its order", () => {
    eachRiddle("copy", 5, ({ question, answer }, length) => {
      expect(answer).toEqual(question);
      expect(question).toHaveLength(Math.floor(length / 2) - 1);
    });
    eachRiddle("reverse", 5, ({ question, answer }) => {
      expect(answer).toEqual([...question].reverse());
    });
    eachRiddle("sort", 5, ({ question, answer }) => {
      expect(answer).toEqual([...question].sort((a, b) => a - b));
    });
  });

  it.each([2, 10])("addition is the sum, to base %d", (base) => {
    eachRiddle("addition", base, ({ question, answer }) => {
      const plus = question.indexOf(base + 1);
      const sum =
        numberOf(question.slice(0, plus), BigInt(base)) +
        numberOf(question.slice(plus + 1), BigInt(base));
      expect(numberOf(answer, BigInt(base))).toBe(sum);
      expect(answer).toHaveLength(plus + 1);
    });
  });

  it("parity is the sum of all", () => {
    eachRiddle("parity", 2, ({ question, answer }) => {
      expect(answer).toEqual([1 + (question.filter((symbol) => symbol === 2).length % 2)]);
    });
  });

  it.each([1, 2, 3])("brackets of %d kinds says whether they match, and half do", (kinds) => {
    let [all, right] = [0, 0];
    eachRiddle("brackets", kinds, ({ question, answer }) => {
      expect(answer).toEqual([matches(question) ? 1 : 2]);
      all += 1;
      if (matches(question)) right += 1;
    });
    expect(Math.abs(right / all - 0.5)).toBeLessThan(0.25);
  });
});

it("copy is the paper's 0w0w, as the experiment makes it", () => {
  const ours = toySequences({ name: "copy", symbols: 9, length: 16 }, 4, runKeys(3), 5);
  const { tokens, targets } = copyBatch({ length: 16, symbols: 9 }, 4, runKeys(3), 5);
  expect(ours.map((one) => Array.from(one.tokens))).toEqual(tokens.toArray());
  expect(ours.map((one) => Array.from(one.targets))).toEqual(targets.toArray());
});

it("configurations without room for a riddle or its tokens are refused", () => {
  for (const name of toyNames) {
    const least = Array.from({ length: 16 }, (_, i) => i).find(
      (length) => toyOf(name).size(length) >= 1,
    );
    const of = (length: number): unknown =>
      taskConfig("toy", { task: { name }, training: { length } });
    expect(() => of(least ?? 0)).not.toThrow();
    expect(() => of((least ?? 0) - 1)).toThrow(
      new RegExp(`training.length: has no room .*${name}: expected at least ${least}`),
    );
  }
  expect(() => taskConfig("toy", { task: { symbols: 40 } })).toThrow(
    /model.vocabulary: has no room .* at least 41, for copy of 40 symbols/,
  );
  expect(() => taskConfig("toy", { data: { train: [0, 1], validation: [1, 2] } })).toThrow(
    /data: a toy task makes its sequences itself/,
  );
});

it("batches depend on the seed and the step alone", () => {
  const of = (seed: number, step: number): string => {
    const task = toyTask({ config: taskConfig("toy", { training: { seed } }) });
    return JSON.stringify((task.batch(step) as SequenceBatch).tokens.toArray());
  };
  expect(of(1, 2)).toBe(of(1, 2));
  expect(new Set([of(1, 2), of(1, 3), of(2, 2)]).size).toBe(3);
});
