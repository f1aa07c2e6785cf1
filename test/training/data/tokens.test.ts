import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import { formatProblem } from "../../../src/edge/problem.ts";
import { evaluationPlan, gatherScored } from "../../../src/training/data/evaluation-plan.ts";
import { bytesOf, tokensFrom } from "../../../src/training/data/tokens.ts";

const problemOf = (data: Uint8Array, vocabulary: number) => {
  const read = tokensFrom(data, "u16le", vocabulary);
  return E.isLeft(read) ? read.left.map(formatProblem).join() : "";
};

describe("tokens", () => {
  test("ids are read low byte first, wherever they lie in memory", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(65_535)), fc.nat(3), (ids, before) => {
        const data = new Uint8Array(before + 2 * ids.length);
        ids.forEach((id, i) => data.set([id % 256, id >> 8], before + 2 * i));
        expect(tokensFrom(data.subarray(before), "u16le", 65_536)).toEqual(
          E.right(Uint16Array.from(ids)),
        );
      }),
    );
  });

  test("bytes are themselves", () => {
    const data = Uint8Array.of(1, 2, 255);
    expect(tokensFrom(data, "bytes", 256)).toEqual(E.right(data));
    expect(bytesOf(Uint16Array.of(1, 2, 3).subarray(1))).toHaveLength(4);
  });

  test("half an id and ids outside of the vocabulary are named", () => {
    expect(problemOf(Uint8Array.of(1, 0, 2), 320)).toMatch(/half an id.*two bytes.*3 bytes/);
    expect(problemOf(Uint8Array.of(63, 1, 64, 1), 320)).toMatch(/below 320.*320 at position 1/);
  });

  test("an evaluation of ids begins with a gap, and has gaps behind the data", () => {
    const ids = Uint16Array.of(500, 600);
    expect(gatherScored(ids, evaluationPlan(2, 4, 2), 4, 2).toArray()).toEqual([
      [-1, 500, 600, -1, -1],
      [-1, -1, -1, -1, -1],
    ]);
  });
});
