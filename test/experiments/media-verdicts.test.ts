/** What images, music and translations are judged by: planted faults flip each verdict. */
import { expect, it } from "vitest";
import { judgeImages } from "../../experiments/images/verdict.ts";
import { countBits } from "../../experiments/music/counts.ts";
import { judgeMusic } from "../../experiments/music/verdict.ts";
import { judgeTranslate } from "../../experiments/translate/verdict.ts";

const near = (value: number): readonly number[] => [value - 0.001, value, value + 0.001];
const same = (value: number): readonly number[] => [value, value, value];

it("images hold, in part where random buckets do no harm, and not where counts are as good", () => {
  const digits = { bits: near(0.24), shuffled: near(0.27), histogram: same(0.57) };
  const colours = { bits: near(3.3), shuffled: near(3.3), histogram: same(4.6) };
  expect(judgeImages(digits, colours).outcome).toBe("holds");
  const random = { ...digits, shuffled: digits.bits };
  expect(judgeImages(random, colours).outcome).toBe("holds in part");
  const counted = { ...digits, bits: digits.histogram };
  expect(judgeImages(counted, colours).outcome).toBe("does not hold at this size");
  // One seed says nothing of chance.
  const one = { bits: [0.24], shuffled: [0.27], histogram: [0.57] };
  expect(judgeImages(one, colours).outcome).not.toBe("holds");
});

it("music holds, in part where a note never ends, and not where pairs are as good", () => {
  const music = {
    bits: near(5.3),
    bigram: same(5.7),
    unigram: same(7.1),
    notes: 200,
    longest: 8,
  };
  expect(judgeMusic(music).outcome).toBe("holds");
  expect(judgeMusic({ ...music, longest: 60 }).outcome).toBe("holds in part");
  expect(judgeMusic({ ...music, bits: near(5.7) }).outcome).toBe("does not hold at this size");
  expect(judgeMusic({ ...music, notes: undefined }).outcome).toBe("not measured yet");
});

it("translation holds, in part where reversibility costs, and not where the source does not matter", () => {
  const one = { bleu: near(8), bits: near(3.5), parameters: same(100), shuffled: near(0.3) };
  expect(judgeTranslate(one, one).outcome).toBe("holds");
  const drifted = { ...one, bleu: near(5), bits: near(4) };
  expect(judgeTranslate(drifted, one).outcome).toBe("holds in part");
  const blind = { ...one, bleu: one.shuffled };
  expect(judgeTranslate(blind, one).outcome).toBe("does not hold at this size");
});

it("counts cost what they say", () => {
  // Two events in turn: without the prior both are half of all, and each is certain after the other.
  const train = Uint16Array.from({ length: 100_000 }, (_, i) => i % 2);
  const { unigram, bigram } = countBits(train, train.subarray(0, 1000), 2);
  expect(unigram).toBeCloseTo(1, 3);
  expect(bigram).toBeLessThan(1e-3);
  expect(bigram).toBeGreaterThan(0);
});
