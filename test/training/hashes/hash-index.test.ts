/** Files of recorded hashes: what is written is read, and what is not whole is refused in words. */
import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinBytes } from "../../../src/edge/node/read-file.ts";
import { InputError, orThrow } from "../../../src/edge/problem.ts";
import { tensorFrom } from "../../../src/core/tensor.ts";
import { encodeHashes, headerLine } from "../../../src/training/hashes/format.ts";
import {
  checkOwner,
  hashesOf,
  indexHashes,
  type ReadAt,
} from "../../../src/training/hashes/hash-index.ts";
import type { HashBuckets } from "../../../src/reformer/index.ts";

const readerOf =
  (file: Uint8Array): ReadAt =>
  (at, length) =>
    file.subarray(at, at + length);

const fileOf = (steps: readonly HashBuckets[], first = 0): Uint8Array =>
  joinBytes([
    headerLine({ model: "m" }),
    ...steps.flatMap((buckets, i) => encodeHashes(first + i, buckets)),
  ]);

const stepsIn = (file: Uint8Array, count: number, first = 0): readonly HashBuckets[] => {
  const index = orThrow(indexHashes(readerOf(file), file.length, "h"));
  return Array.from({ length: count }, (_, i) => hashesOf(index, readerOf(file), first + i, "h"));
};

const plain = (steps: readonly HashBuckets[]): unknown =>
  steps.map((layers) => layers.map((each) => each && [each.shape, each.toArray()]));

const layer = fc.option(
  fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 }), fc.boolean()).chain(([batch, length, wide]) =>
    fc
      .array(fc.nat({ max: wide ? 2 ** 31 - 1 : 2 ** 16 - 1 }), {
        minLength: batch * 2 * length,
        maxLength: batch * 2 * length,
      })
      .map((words) => tensorFrom("i32", [batch, 2, 1, length], Int32Array.from(words))),
  ),
);
const steps = fc.array(fc.array(layer, { maxLength: 3 }), { maxLength: 4 });

describe("a file of hashes", () => {
  it("gives back what was written, from any first step", () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 10 ** 6 }), (written, first) => {
        const file = fileOf(written, first);
        expect(plain(stepsIn(file, written.length, first))).toEqual(plain(written));
      }),
      { numRuns: 100 },
    );
  });

  it("that is cut anywhere has its whole steps, and says which one is cut off", () => {
    const buckets = [null, tensorFrom("i32", [1, 1, 2, 2], Int32Array.of(1, 2, 3, 70_000))];
    const file = fileOf([buckets, buckets, buckets]);
    const header = headerLine({ model: "m" }).length;
    const whole = (file.length - header) / 3;
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      const index = indexHashes(readerOf(cut), length, "h");
      if (length < header - 1) {
        expect(() => orThrow(index)).toThrow("h: is no file of recorded hashes");
        continue;
      }
      const { records } = orThrow(index);
      const kept = Math.max(0, Math.floor((length - header) / whole));
      expect(records.length).toBe(kept);
      const message =
        (length - header) % whole === 0 || length < header
          ? "has no hashes of step"
          : "is cut off in the record of step";
      expect(() => stepsIn(cut, kept + 1)).toThrow(`h: ${message} ${kept}`);
    }
  });

  it("with a wrong byte anywhere is refused, or says the same", () => {
    const buckets = [tensorFrom("i32", [1, 1, 1, 3], Int32Array.of(5, 6, 7)), null];
    const file = fileOf([buckets]);
    let refused = 0;
    for (let at = 0; at < file.length; at++) {
      const wrong = file.slice();
      wrong[at] ^= 1;
      try {
        expect(plain(stepsIn(wrong, 1))).toEqual(plain([buckets]));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(file.length / 2);
  });

  it("is for runs that agree in what decides the hashes", () => {
    const of = { model: { width: 8 }, training: { seed: 1 } };
    expect(E.isRight(checkOwner(of, of, "h"))).toBe(true);
    expect(() => orThrow(checkOwner(of, { ...of, training: { seed: 2 } }, "h"))).toThrow(
      "h: training.seed: differs from what the hashes were recorded with: expected 1, got 2",
    );
  });

  it("of another version is refused", () => {
    const file = new TextEncoder().encode('{"format":"reformax hashes","version":2,"of":{}}\n');
    expect(() => orThrow(indexHashes(readerOf(file), file.length, "h"))).toThrow(
      "h: is of another version: expected 1, got 2",
    );
  });
});
