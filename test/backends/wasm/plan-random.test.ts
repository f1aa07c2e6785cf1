import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createWasmBackend, type WasmOptions } from "../../../src/backends/wasm/index.ts";
import type { Words } from "../../../src/core/dtype.ts";
import { Tensor } from "../../../src/core/tensor.ts";
import type { Backend } from "../../../src/ir/backend.ts";
import { interpret } from "../../support/interpret.ts";
import { randomProgram, type RandomProgram } from "../../support/random-programs.ts";

const settings: readonly WasmOptions[] = [
  {},
  { poison: true },
  { smallestDonation: 1, poison: true },
  {
    fusion: false,
    foldViews: false,
    inPlace: false,
    cse: false,
    inline: false,
    foldConstants: false,
  },
  { inPlace: false, poison: true },
  { fusion: false },
  { arenaBase: Math.floor(3.9 * 1024 * 1024 * 1024) },
  { threads: 2, smallest: { step: 0, run: 0 }, poison: true },
  { threads: 3, smallest: { step: 20, run: 0 }, arenaBase: Math.floor(3.9 * 1024 * 1024 * 1024) },
  { threads: 5, smallest: { step: 8, run: 0 }, faults: () => ({ delaySeed: 1 }) },
];

let backends: readonly Backend[] = [];

beforeAll(async () => {
  backends = await Promise.all(
    settings.map((options) => createWasmBackend({ ...options, allowReference: true })),
  );
});

const bitsOf = (words: readonly Words[]): number[][] =>
  words.map((array) => Array.from(new Int32Array(array.buffer, array.byteOffset, array.length)));

/** The kernels sum in another order than the references: exact on whole numbers but for the sign of zero. */
const valuesOf = (words: readonly Words[]): number[][] =>
  words.map((array) => Array.from(array, (value) => value + 0));

function runOn(backend: Backend, { program, inputs }: RandomProgram): readonly Words[] {
  const tensors = program.inputs.map(({ aval }, i) => new Tensor(aval, inputs[i]));
  return backend
    .compile(program)
    .run(tensors, [], "test")
    .map((tensor) => tensor.words());
}

describe("random programs on the WASM backend", () => {
  for (const control of [false, true]) {
    it(`give the same bits under every setting, and the right values${control ? ", with control flow" : ""}`, () => {
      fc.assert(
        fc.property(randomProgram({ control, maxSize: 6 }), (example) => {
          const [first, ...others] = backends.map((backend) => runOn(backend, example));
          expect(valuesOf(first)).toEqual(valuesOf(interpret(example.program, example.inputs)));
          others.forEach((other, i) => {
            expect(bitsOf(other), JSON.stringify(settings[i + 1])).toEqual(bitsOf(first));
          });
        }),
        { numRuns: 200 },
      );
    });
  }
});
