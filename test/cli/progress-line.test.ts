import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration } from "../../src/cli/format.ts";
import { progressLine, type Progress } from "../../src/cli/progress/line.ts";
import { stepMetrics, type StepRecord } from "../../src/training/next-token/records.ts";
import type { Metric } from "../../src/training/index.ts";
import { wrapText } from "../../src/cli/terminal.ts";

const metrics = stepMetrics("bytes");

const recordOf = (values: Omit<StepRecord, "step">, step: number): StepRecord => ({
  step,
  ...values,
});

const progress: fc.Arbitrary<Progress> = fc
  .record({
    last: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    bits: fc.double({ min: 0, max: 1000, noNaN: true }),
    tokensPerSecond: fc.double({ min: 0.001, max: 1e12, noNaN: true }),
    peakMemoryBytes: fc.option(fc.integer({ min: 0, max: 2 ** 50 }), { nil: undefined }),
    seconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
    secondsLeft: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined }),
  })
  .map(({ last, share, bits, tokensPerSecond, peakMemoryBytes, ...times }) => {
    const step = Math.round(share * last);
    return {
      step,
      last,
      record: recordOf({ bitsPerByte: bits, tokensPerSecond, peakMemoryBytes }, step),
      ...times,
    };
  });

const long: Progress = {
  step: 123_456,
  last: 500_000,
  record: recordOf(
    { bitsPerByte: 2.2744, tokensPerSecond: 169_981.4, peakMemoryBytes: 3.21 * 2 ** 30 },
    123_456,
  ),
  seconds: 6000,
  secondsLeft: 12_340,
};

describe("the progress line", () => {
  test("never has more characters than there are columns", () => {
    fc.assert(
      fc.property(progress, fc.integer({ min: 1, max: 300 }), (run, columns) => {
        expect(progressLine(metrics, run, columns).length).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test("says the step at every width that has room for it, and more where there is more", () => {
    fc.assert(
      fc.property(progress, fc.integer({ min: 21, max: 300 }), (run, columns) => {
        expect(progressLine(metrics, run, columns)).toContain(`${run.step}/${run.last}`);
      }),
    );
  });

  test.each([
    [
      97,
      "██████░░░░░░░░░░░░░░░░░░░  123456/500000  2.274 bits/byte  169981 tokens/s  3.21 GiB  3h25m left",
    ],
    [77, "███░░░░░░░░░░░░  123456/500000  2.274 bits/byte  169981 tokens/s  3h25m left"],
    [60, "███░░░░░░░░░░░░  123456/500000  2.274 bits/byte  3h25m left"],
    [45, "123456/500000  2.274 bits/byte  3h25m left"],
    [30, "123456/500000  2.274 bits/byte"],
    [20, "123456/500000"],
  ])("of a long run in %i columns", (columns, line) => {
    expect(progressLine(metrics, long, columns).trimEnd()).toBe(line);
  });

  test.each([
    [99, "123456/500000  0.51 nats  accuracy 91.3 %  12 sequences/s  3.21 GiB  3h25m left"],
    [85, "123456/500000  0.51 nats  accuracy 91.3 %  12 sequences/s  3h25m left"],
    [70, "123456/500000  0.51 nats  accuracy 91.3 %  3h25m left"],
    [50, "123456/500000  0.51 nats  3h25m left"],
    [25, "123456/500000  0.51 nats"],
  ])("of another task in %i columns", (columns, line) => {
    const declared: readonly Metric[] = [
      { name: "sequencesPerSecond", unit: "sequences/s", digits: 0, role: "speed" },
      { name: "loss", unit: "nats", digits: 2, role: "loss" },
      { name: "accuracy", unit: "%", digits: 1 },
      { name: "gradientNorm" },
    ];
    const values = { loss: 0.512, accuracy: 91.26, sequencesPerSecond: 12.2, gradientNorm: 1 };
    const record = { step: 123_456, peakMemoryBytes: 3.21 * 2 ** 30, ...values };
    const shown = progressLine(declared, { ...long, record }, columns);
    expect(
      shown
        .replace(/^[█░]+ +/, "")
        .replaceAll(/ {3,}/g, "  ")
        .trimEnd(),
    ).toBe(line);
  });

  test("before the first step, and at the end", () => {
    const start = { step: 0, last: 5, seconds: 0 };
    expect(progressLine(metrics, start, 40)).toBe(`${"░".repeat(35)}  0/5`);
    const end = { ...long, step: long.last };
    expect(progressLine(metrics, end, 90)).toMatch(/^█+ {2}500000\/500000 .* in 1h40m$/);
  });
});

test("durations", () => {
  const seconds = [0, 0.4, 59.4, 59.6, 61, 3599, 3600, 12_340, 86_400, 200_000];
  const texts = "0s 0s 59s 1m 1m1s 59m59s 1h 3h25m 1d 2d7h";
  expect(seconds.map(formatDuration).join(" ")).toBe(texts);
});

describe("wrapped text", () => {
  const words = fc.array(
    fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 9 }),
  );

  test("has no line that is too long, and all words in their order", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 60 }), (list, columns) => {
        const wrapped = wrapText(list.join(" "), columns);
        for (const line of wrapped.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
        expect(wrapped.split(/\s+/).filter(Boolean)).toEqual(list);
      }),
    );
  });

  test("breaks late and indents what follows; a word that is too long stays whole", () => {
    expect(wrapText("one two three four", 9)).toBe("one two\n  three\n  four");
    expect(wrapText("saved in /a/very/long/path", 10)).toBe("saved in\n  /a/very/long/path");
  });
});
