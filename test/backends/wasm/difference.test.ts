import fc from "fast-check";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { withDifference } from "../../../src/backends/wasm/difference.ts";
import { difference } from "../../../tools/module-difference.mjs";

const made = (base: Uint8Array, next: Uint8Array): Uint8Array =>
  withDifference(base, difference(Buffer.from(base), Buffer.from(next)));

it("gives back what it was made from", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const cut = fc.record({ from: fc.nat(300), length: fc.nat(300), fresh: bytes });
  fc.assert(
    fc.property(bytes, fc.array(cut, { maxLength: 6 }), (base, cuts) => {
      const next = Uint8Array.from(
        cuts.flatMap(({ from, length, fresh }) => [
          ...base.subarray(from, from + length),
          ...fresh,
        ]),
      );
      expect(made(base, next)).toEqual(next);
    }),
  );
});

it("holds the relaxed kernels in a tenth of their bytes", () => {
  const [strict, relaxed] = ["kernels", "kernels.relaxed"].map((name) =>
    readFileSync(`build/${name}.wasm`),
  );
  const held = difference(strict, relaxed);
  expect(held.length).toBeLessThan(relaxed.length / 8);
  expect(Buffer.from(withDifference(strict, held)).equals(relaxed)).toBe(true);
});
