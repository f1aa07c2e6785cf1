import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Words } from "../../src/core/dtype.ts";
import { planProgram, type PlanFlags } from "../../src/plan/index.ts";
import { interpret } from "../support/interpret.ts";
import { runPlanned, testTarget } from "../support/plan-machine.ts";
import { randomProgram } from "../support/random-programs.ts";

const bitsOf = (words: readonly Words[]): number[][] =>
  words.map((array) => Array.from(new Int32Array(array.buffer, array.byteOffset, array.length)));

const allOff: PlanFlags = {
  cse: false,
  inline: false,
  foldConstants: false,
  fusion: false,
  foldViews: false,
  inPlace: false,
  smallestDonation: 1,
  poison: false,
};

const settings: readonly Partial<PlanFlags>[] = [
  {},
  { poison: true },
  { smallestDonation: 1 },
  { smallestDonation: 1, poison: true },
  allOff,
  { ...allOff, fusion: true, poison: true },
  { ...allOff, inPlace: true },
  { fusion: false },
  { foldViews: false },
  { inPlace: false },
  { foldConstants: false },
];

describe("planned programs", () => {
  for (const control of [false, true]) {
    it(`give the bits of the interpreter under every setting${control ? ", with control flow" : ""}`, () => {
      fc.assert(
        fc.property(randomProgram({ control }), ({ program, inputs }) => {
          const expected = bitsOf(interpret(program, inputs));
          for (const flags of settings) {
            expect(
              bitsOf(runPlanned(program, inputs, flags).outputs),
              JSON.stringify(flags),
            ).toEqual(expected);
          }
        }),
        { numRuns: 150 },
      );
    });
  }

  it("need little more memory than their live values", () => {
    fc.assert(
      fc.property(randomProgram({ control: true, maxSize: 12 }), ({ program }) => {
        const { main } = planProgram(program, testTarget);
        expect(main.frameBytes).toBeGreaterThanOrEqual(main.liveBytes);
        expect(main.frameBytes).toBeLessThanOrEqual(1.05 * main.liveBytes);
      }),
      { numRuns: 300 },
    );
  });
});
