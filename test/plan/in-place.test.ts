import { describe, expect, it } from "vitest";
import type { Atom, Program } from "../../src/ir/program.ts";
import type { PlanFlags } from "../../src/plan/index.ts";
import { interpret } from "../support/interpret.ts";
import { runPlanned, type TestRun } from "../support/plan-machine.ts";
import * as ops from "../support/plan-primitives.ts";
import { scalar, writeProgram, type ProgramWriter } from "../support/write-program.ts";

const size = 256;
const shape = [size];
const bytes = 4 * size;

const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => (i % 11) - 5);

/** Runs with every operand donated that dies, poisoned, against the interpreter. */
function run(program: Program, flags: Partial<PlanFlags> = {}): TestRun {
  const inputs = program.inputs.map(({ aval }) => ramp(aval.shape.reduce((a, b) => a * b, 1)));
  const result = runPlanned(program, inputs, { smallestDonation: 1, poison: true, ...flags });
  expect(result.outputs).toEqual(interpret(program, inputs));
  return result;
}

/** Enough work around a value that its program is not inlined. */
const work = (w: ProgramWriter, x: Atom): Atom => {
  let current = x;
  for (let i = 0; i < 5; i++) current = w.apply(ops.bump, [w.apply(ops.neg, [current])]);
  return current;
};

const sumOf = (w: ProgramWriter, x: Atom): Atom => w.apply(ops.reduceSum, [x], { axes: [0] });

describe("in-place execution", () => {
  it("never overwrites an operand that the step also reads in another way", () => {
    const matrix = [16, 16];
    const program = writeProgram([matrix], (w, x) => {
      const y = w.apply(ops.neg, [x]);
      return [w.apply(ops.add, [y, w.transpose(y)])];
    });
    run(program);
  });

  it("lets a callee work in operands that die, down through several calls", () => {
    const inner = writeProgram([shape], (w, x) => [sumOf(w, work(w, x))]);
    const middle = writeProgram([shape], (w, x) => w.call(inner, [work(w, x)]));
    const program = writeProgram([shape], (w, x) => w.call(middle, [w.apply(ops.neg, [x])]));
    // One vector that everybody works on, one workspace of `bump`, and the sum.
    const small = 16;
    expect(run(program).plan.main.frameBytes).toBe(2 * bytes + small);
    const without = run(program, { smallestDonation: 4 * (size + 1) });
    expect(without.plan.main.frameBytes).toBe(4 * bytes + small);
  });

  it("keeps operands that are read later, or twice by the same call", () => {
    const inner = writeProgram([shape, shape], (w, x, y) => [w.apply(ops.add, [work(w, x), y])]);
    const later = writeProgram([shape], (w, x) => {
      const y = w.apply(ops.neg, [x]);
      const [z] = w.call(inner, [y, x]);
      return [w.apply(ops.mul, [z, y])];
    });
    run(later);
    const consumer = writeProgram([shape, shape], (w, x, y) => [
      sumOf(w, w.apply(ops.add, [work(w, x), y])),
    ]);
    const twice = writeProgram([shape], (w, x) => {
      const y = w.apply(ops.neg, [x]);
      return w.call(consumer, [y, y]);
    });
    run(twice);
    const overlapping = writeProgram([[2 * size]], (w, x) => {
      const y = w.apply(ops.neg, [x]);
      return w.call(consumer, [w.view(y, shape, [1]), w.view(y, shape, [1], size / 2)]);
    });
    run(overlapping);
  });

  it("does not give away a value under another name", () => {
    const inner = writeProgram([shape], (w, x) => [sumOf(w, work(w, x))]);
    const program = writeProgram([shape], (w, x) => {
      const y = w.apply(ops.bump, [x]);
      const sameWords = w.apply(ops.reduceSum, [y], { axes: [] });
      return [...w.call(inner, [sameWords]), w.apply(ops.neg, [y])];
    });
    run(program);
  });

  it("never lets a dead result and a live one share an operand's place", () => {
    const program = writeProgram([shape], (w, x) => {
      const y = w.apply(ops.neg, [x]);
      const [, zeroed] = w.applyAll(ops.firstZeroed, [y]);
      return [w.apply(ops.bump, [zeroed])];
    });
    run(program);
  });

  it("computes a result in a donated operand rather than in a temporary", () => {
    // Needs most memory before `temporary` exists; that one could become the result as well as x.
    const inner = writeProgram([shape, shape], (w, x, y) => {
      const first = w.apply(ops.bump, [y]);
      const second = w.apply(ops.bump, [w.apply(ops.neg, [first])]);
      const sum = sumOf(w, w.apply(ops.mul, [first, second]));
      const temporary = work(w, w.view(sum, shape, [0]));
      return [w.apply(ops.add, [temporary, x])];
    });
    const program = writeProgram([shape, shape], (w, x, y) => {
      let current: Atom = w.apply(ops.neg, [x]);
      for (let i = 0; i < 3; i++) [current] = w.call(inner, [current, y]);
      return [current];
    });
    // x, then every result; y; in the callee first, second and the workspace of `bump`.
    expect(run(program).plan.main.frameBytes).toBe(5 * bytes);
  });

  it("overwrites slices of a dying array that a scan reads", () => {
    const body = writeProgram([shape], (w, x) => [work(w, x)]);
    const program = writeProgram([[4, size]], (w, xs) =>
      w.scan(body, 4, [], [], [w.apply(ops.neg, [xs])]),
    );
    expect(run(program).plan.main.frameBytes).toBe(4 * bytes + bytes);
  });

  it("keeps an array that a scan reads while it is needed, or the same slice every time", () => {
    const body = writeProgram([shape, shape], (w, sum, x) => [w.apply(ops.add, [sum, work(w, x)])]);
    const initial = (w: ProgramWriter): Atom => w.view(scalar(1), shape, [0]);
    const repeated = writeProgram([shape], (w, x) =>
      w.scan(body, 3, [], [initial(w)], [w.view(w.apply(ops.neg, [x]), [3, size], [0, 1])]),
    );
    run(repeated);
    const shared = writeProgram([[3, size]], (w, x) => {
      const xs = w.apply(ops.neg, [x]);
      const [sum] = w.scan(body, 3, [], [initial(w)], [xs]);
      return [sum, w.apply(ops.mul, [xs, xs])];
    });
    run(shared);
  });

  it("updates carries in place whatever else takes part in their sum", () => {
    const body = writeProgram([shape, shape], (w, sum, x) => [w.apply(ops.add, [sum, work(w, x)])]);
    const program = writeProgram([shape, [4, size]], (w, x, xs) =>
      w.scan(body, 4, [], [w.apply(ops.neg, [x])], [xs]),
    );
    const { plan } = run(program, { poison: false });
    const copies = plan.functions[0].steps.filter(({ info }) => info?.name === "carry");
    expect(copies).toEqual([]);
  });

  it("lets what a loop calls work in the loop's carries", () => {
    // One row at a time: work of a row of its own is computed first, and could take the result's place.
    const row = writeProgram([shape, shape], (w, y, x) => [
      w.apply(ops.add, [x, w.apply(ops.bump, [w.apply(ops.neg, [y])])]),
    ]);
    const body = writeProgram(
      [
        [4, size],
        [4, size],
      ],
      (w, xs, ys) => w.scan(row, 4, [], [], [xs, ys]),
    );
    const program = writeProgram(
      [
        [4, size],
        [4, size],
      ],
      (w, xs, ys) =>
        w.scan(
          writeProgram(
            [
              [4, size],
              [4, size],
            ],
            (v, fixed, carry) => v.call(body, [fixed, carry]),
          ),
          3,
          [xs],
          [w.apply(ops.neg, [ys])],
        ),
    );
    const { plan } = run(program, { poison: false });
    // xs, the carry, a row and the workspace of `bump`.
    expect(plan.main.frameBytes).toBe(4 * bytes + 4 * bytes + 2 * bytes);
  });
});
