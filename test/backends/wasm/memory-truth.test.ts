/*
 * What a plan says about memory is what happens: no byte beyond the planned peak changes, and neither what was in the
 * arena before a run nor what is left in dead storage has any influence on a result.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createWasmBackend } from "../../../src/backends/wasm/index.ts";
import type { Words } from "../../../src/core/dtype.ts";
import type { Program } from "../../../src/ir/program.ts";
import { planProgram, type OutsideValues, type PlanFlags } from "../../../src/plan/index.ts";
import { bitsOf } from "../../support/bits.ts";
import { GuardedMachine } from "../../support/guarded-machine.ts";
import { modelConfig, repeated, trainStepOf, target } from "../../support/model-plans.ts";
import * as ops from "../../support/plan-primitives.ts";
import { randomProgram } from "../../support/random-programs.ts";
import { randomFloats } from "../../support/random-words.ts";
import { writeProgram } from "../../support/write-program.ts";

let machine: GuardedMachine;

beforeAll(async () => {
  machine = await GuardedMachine.create();
});

interface Truth {
  readonly bits: readonly Int32Array[];
  readonly plannedBytes: number;
  readonly touchedBytes: number;
}

/** Runs the program under `flags`, twice, in arenas of other contents. */
function check(
  program: Program,
  inputs: readonly Words[],
  flags: Partial<PlanFlags> = {},
  outside?: OutsideValues,
): Truth {
  const plan = planProgram(program, target, flags, outside);
  const runs = [0x5eed5eed, 0x7fc0beef].map((fill) => machine.run(plan, inputs, fill, outside));
  expect(runs.map(({ intact }) => intact)).toEqual([true, true]);
  const bits = runs.map(({ outputs }) => outputs.map(bitsOf));
  expect(runs.map(({ strayBytes }) => strayBytes)).toEqual([0, 0]);
  expect(differences(bits[1], bits[0])).toEqual([]);
  const plannedBytes = plan.main.frameBytes;
  return { bits: bits[0], plannedBytes, touchedBytes: runs[0].touchedBytes };
}

/** The results that differ, and where first. */
const differences = (a: readonly Int32Array[], b: readonly Int32Array[]): readonly string[] =>
  a.flatMap((words, i) => {
    const at = words.findIndex((word, position) => word !== b[i][position]);
    return at < 0 && words.length === b[i].length ? [] : [`result ${i} at ${at}`];
  });

describe("memory", () => {
  it("of random programs is what was planned, whatever lies in it", () => {
    fc.assert(
      fc.property(randomProgram({ control: true, maxSize: 6 }), ({ program, inputs }) => {
        const plain = check(program, inputs);
        const poisoned = check(program, inputs, { poison: true });
        const donating = check(program, inputs, { poison: true, smallestDonation: 1 });
        expect(differences(poisoned.bits, plain.bits)).toEqual([]);
        expect(differences(donating.bits, plain.bits)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("of what lies outside of the frame is only that, and inputs there stay as they are", () => {
    fc.assert(
      fc.property(
        randomProgram({ control: true, maxSize: 6 }),
        fc.nat(0xffffff),
        fc.boolean(),
        ({ program, inputs }, choice, poison) => {
          const chosen = (_: unknown, i: number): boolean => ((choice >> (i % 24)) & 1) === 1;
          const outside = {
            inputs: program.inputs.map(chosen),
            outputs: program.outputs.map((_, i) => chosen(_, i + 7)),
          };
          const plain = check(program, inputs);
          const apart = check(program, inputs, { poison, smallestDonation: 1 }, outside);
          expect(differences(apart.bits, plain.bits)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("of a training step is what was planned, to the last byte, whatever lies in it", async () => {
    const config = modelConfig(
      {
        layers: repeated(3, "lsh", "local"),
        activation: "gelu",
        dropout: 0.1,
        attentionDropout: 0.1,
        feedForwardChunk: 96,
        lossChunk: 96,
      },
      { length: 250, batch: 2 },
    );
    const backend = await createWasmBackend();
    const { program, inputs } = trainStepOf(config, backend);
    const words = inputs.map((tensor) => tensor.words());
    const expected = backend.compile(program).run(inputs, [], "test");
    const plain = check(program, words);
    const poisoned = check(program, words, { poison: true });
    const bits = expected.map((tensor) => bitsOf(tensor.words()));
    expect(differences(plain.bits, bits)).toEqual([]);
    expect(differences(poisoned.bits, bits)).toEqual([]);
    console.log(`planned ${plain.plannedBytes} bytes, written up to ${plain.touchedBytes}`);
    // Alignment, and ends of workspaces that a product of this size leaves alone.
    expect(plain.touchedBytes).toBeGreaterThan(0.99 * plain.plannedBytes);
  });

  it("is watched: a peak that is planned too small shows", () => {
    const program = writeProgram([[64], [64]], (w, x, y) => [w.apply(ops.add, [x, y])]);
    const plan = planProgram(program, target);
    const [x, y] = [randomFloats(64, 1), randomFloats(64, 2)];
    const short = { ...plan, main: { ...plan.main, frameBytes: plan.main.frameBytes - 16 } };
    expect(machine.run(plan, [x, y]).strayBytes).toBe(0);
    expect(machine.run(short, [x, y]).strayBytes).toBe(16);
  });
});
