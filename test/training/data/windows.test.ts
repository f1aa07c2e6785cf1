import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import { formatProblem } from "../../../src/edge/problem.ts";
import { evaluationPlan, gatherScored } from "../../../src/training/data/evaluation-plan.ts";
import {
  checkSplit,
  defaultSplit,
  parseSplit,
  type Split,
} from "../../../src/training/data/split.ts";
import {
  gatherWindows,
  windowStarts,
  type WindowOrder,
} from "../../../src/training/data/windows.ts";

const sizes = fc.record({
  length: fc.integer({ min: 1, max: 20 }),
  extra: fc.integer({ min: 0, max: 60 }),
  batch: fc.integer({ min: 1, max: 5 }),
});

const noWords = () => new Uint32Array(0);

describe("training windows", () => {
  test("random starts fit, and reach the first and the last one", () => {
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(2 ** 32 - 1)), ({ length, extra }, list) => {
        const bytes = length + 1 + extra;
        const words = (_: number, count: number) =>
          Uint32Array.from([0, 2 ** 32 - 1, ...list].slice(0, count));
        const starts = windowStarts(
          { order: "random", tokens: bytes, length, batch: list.length + 2, words },
          0,
        );
        expect(starts[0]).toBe(0);
        expect(starts[1]).toBe(extra);
        for (const start of starts) expect(start >= 0 && start <= extra).toBe(true);
      }),
    );
  });

  test("random starts are uniform: equal words in every residue of the range", () => {
    const count = 7;
    const words = (_: number, n: number) =>
      Uint32Array.from({ length: n }, (_, i) => (i / n) * 2 ** 32);
    const plan = { order: "random", tokens: count + 4, length: 4, batch: 7000, words } as const;
    const histogram = new Array<number>(count).fill(0);
    for (const start of windowStarts(plan, 0)) histogram[start]++;
    for (const n of histogram) expect(Math.abs(n - 1000)).toBeLessThanOrEqual(1);
  });

  test("contiguous windows cover every target in each epoch", () => {
    fc.assert(
      fc.property(sizes, ({ length, extra, batch }) => {
        const bytes = length + 1 + extra;
        const perEpoch = Math.ceil((bytes - 1) / length);
        const plan = { order: "contiguous", tokens: bytes, length, batch, words: noWords } as const;
        const steps = Math.ceil(perEpoch / batch);
        const starts = Array.from({ length: steps }, (_, step) => windowStarts(plan, step)).flat();
        const seen = new Set(
          starts.slice(0, perEpoch).flatMap((s) => Array.from({ length }, (_, i) => s + 1 + i)),
        );
        expect(seen.size).toBe(bytes - 1);
        expect(Math.max(...seen)).toBe(bytes - 1);
      }),
    );
  });

  test("a window holds the bytes from its start", () => {
    const bytes = Uint8Array.from({ length: 10 }, (_, i) => i * 3);
    expect(gatherWindows(bytes, [0, 5], 4).toArray()).toEqual([
      [0, 3, 6, 9, 12],
      [15, 18, 21, 24, 27],
    ]);
  });

  test("windows of whole data hold all tokens once, at any place within the window, and gaps elsewhere", () => {
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(2 ** 32 - 1)), ({ length, extra }, list) => {
        const count = Math.max(2, length + 1 - extra);
        const window = Math.max(length, count - 1);
        const data = Uint16Array.from({ length: count }, (_, i) => 300 + i);
        const words = (_: number, n: number) =>
          Uint32Array.from([0, 2 ** 32 - 1, ...list].slice(0, n));
        const starts = windowStarts(
          { order: "whole", tokens: count, length: window, batch: list.length + 2, words },
          0,
        );
        expect(starts[0]).toBe(0);
        expect(starts[1]).toBe(0 - (window + 1 - count));
        const rows = gatherWindows(data, starts, window).toArray() as number[][];
        for (const row of rows) {
          expect(row).toHaveLength(window + 1);
          expect(row.filter((token) => token >= 0)).toEqual([...data]);
          const first = row.findIndex((token) => token >= 0);
          expect(row.slice(first, first + count)).toEqual([...data]);
        }
      }),
    );
  });

  test("data that are too long for a window of their own are refused", () => {
    const plan = { order: "whole", tokens: 6, length: 4, batch: 1, words: noWords } as const;
    expect(() => windowStarts(plan, 0)).toThrow(/too many tokens.*expected at most 5, got 6/);
  });

  test("too few bytes are refused", () => {
    const plan = { order: "random", tokens: 4, length: 4, batch: 1, words: noWords } as const;
    expect(() => windowStarts(plan, 0)).toThrow(/expected at least 5, got 4/);
  });
});

describe("evaluation plan", () => {
  const plans = fc
    .record({ bytes: fc.integer({ min: 1, max: 200 }), length: fc.integer({ min: 1, max: 30 }) })
    .chain(({ bytes, length }) =>
      fc.record({
        bytes: fc.constant(bytes),
        length: fc.constant(length),
        stride: fc.integer({ min: 1, max: length }),
      }),
    );

  test("every byte is scored exactly once, with the context that the rule promises", () => {
    fc.assert(
      fc.property(plans, ({ bytes, length, stride }) => {
        const windows = evaluationPlan(bytes, length, stride);
        const scored = windows.flatMap(({ start, scoreFrom, scoreTo }) =>
          Array.from({ length: scoreTo - scoreFrom }, (_, i) => start + scoreFrom + i),
        );
        expect(scored).toEqual(Array.from({ length: bytes }, (_, i) => i));
        windows.forEach(({ start, scoreFrom, scoreTo }, index) => {
          expect(scoreTo).toBeLessThanOrEqual(length);
          expect(start).toBeGreaterThanOrEqual(0);
          if (index > 0) expect(scoreFrom).toBeGreaterThanOrEqual(length - stride);
        });
      }),
    );
  });

  test("each target stands one column behind the byte before it", () => {
    const bytes = Uint8Array.of(5, 6, 7, 8, 9);
    const windows = evaluationPlan(5, 4, 2);
    expect(windows).toEqual([
      { start: 0, scoreFrom: 0, scoreTo: 4 },
      { start: 1, scoreFrom: 3, scoreTo: 4 },
    ]);
    expect(gatherScored(bytes, windows, 4, 3).toArray()).toEqual([
      [10, 5, 6, 7, 8],
      [5, 6, 7, 8, 9],
      [0, 0, 0, 0, 0],
    ]);
    expect(gatherScored(bytes, evaluationPlan(5, 8, 4), 8, 1).toArray()).toEqual([
      [10, 5, 6, 7, 8, 9, 0, 0, 0],
    ]);
  });
});

describe("split", () => {
  const problems = (split: Split, count: number, length: number, order: WindowOrder = "random") => {
    const checked = checkSplit(split, count, { length, order });
    return E.isLeft(checked) ? checked.left.map(formatProblem) : [];
  };

  test("text to ranges", () => {
    expect(parseSplit("0:3_600_000, 3600000:3800000")).toEqual(
      E.right({ train: [0, 3_600_000], validation: [3_600_000, 3_800_000] }),
    );
    for (const bad of ["", "1:2", "1:2,3", "a:b,c:d", "-1:2,3:4", "1:2,3:4,5:6", "1.5:2,3:4"]) {
      expect(E.isLeft(parseSplit(bad)), bad).toBe(true);
    }
  });

  test("ranges must lie in the data, be long enough and not overlap", () => {
    expect(problems({ train: [0, 90], validation: [90, 100] }, 100, 16)).toEqual([]);
    expect(problems({ train: [0, 16], validation: [100, 101] }, 100, 16)).toEqual([
      expect.stringMatching(/data.train: has too few tokens: expected at least 17.*got 16/),
      expect.stringMatching(/data.validation: goes beyond the data: expected at most 100 tokens/),
    ]);
    expect(problems({ train: [5, 5], validation: [0, 5] }, 10, 2)[0]).toMatch(/empty/);
    expect(problems({ train: [0, 50], validation: [49, 60] }, 100, 4)[0]).toMatch(
      /both trained and validated/,
    );
  });

  test("whole data fit one window, and need nothing to validate on", () => {
    const all = { train: [0, 17], validation: [17, 17] } as const;
    expect(problems(all, 17, 16, "whole")).toEqual([]);
    expect(problems(all, 17, 20, "whole")).toEqual([]);
    expect(problems(all, 17, 15, "whole")[0]).toMatch(
      /does not fit one window.*at most 16.*got 17/,
    );
    expect(problems({ train: [0, 1], validation: [1, 1] }, 1, 15, "whole")[0]).toMatch(
      /at least 2/,
    );
    expect(problems(all, 17, 4)[0]).toMatch(/data.validation: the range is empty/);
    expect(defaultSplit(17, "whole")).toEqual(all);
  });

  test("the default keeps the last tenth", () => {
    expect(defaultSplit(1000)).toEqual({ train: [0, 900], validation: [900, 1000] });
    expect(defaultSplit(50_000_000).validation).toEqual([49_000_000, 50_000_000]);
  });
});
