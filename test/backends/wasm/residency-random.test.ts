/*
 * Random calls of several executables of one backend: donated results that come back, arrays that come again, arrays that nobody holds any
 * more, reads at any time, frames that need the place of what stays, runs that fail. Values are always those of the plain interpreter.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createWasmBackend, type WasmOptions } from "../../../src/backends/wasm/index.ts";
import { formatAval } from "../../../src/core/aval.ts";
import type { Words } from "../../../src/core/dtype.ts";
import { Tensor } from "../../../src/core/tensor.ts";
import type { Backend, Executable } from "../../../src/ir/backend.ts";
import type { Atom, Program } from "../../../src/ir/program.ts";
import { highArena } from "../../support/high-arena.ts";
import { interpret } from "../../support/interpret.ts";
import * as ops from "../../support/plan-primitives.ts";
import { randomProgram, type RandomProgram } from "../../support/random-programs.ts";
import { ProgramWriter, writeProgram } from "../../support/write-program.ts";

const settings: readonly WasmOptions[] = [
  { threads: 1 },
  { threads: 1, poison: true, smallestDonation: 1 },
  { threads: 2, poison: true },
  { threads: 1, arenaBase: highArena },
];

let backends: readonly Backend[] = [];

beforeAll(async () => {
  const smallest = { step: 0, run: 0, copy: 0 };
  backends = await Promise.all(
    settings.map((options) => createWasmBackend({ ...options, smallest, allowReference: true })),
  );
});

/** Runs fail while this holds. */
const printer = { outOfPaper: false };

const run = (): void => {
  if (printer.outOfPaper) throw new Error("out of paper");
};

/**
 * A program whose first results are its inputs anew: as they were, in another order, changed, or a result of theirs; the run fails in the middle
 * when the printer does.
 */
function stateful({ program }: RandomProgram, seed: number): Program {
  const { inputs, equations, outputs } = program;
  const writer = new ProgramWriter();
  const [first] = inputs;
  writer.equations.push(...equations.slice(0, equations.length >> 1));
  if (first) writer.push(ops.print, [first], { run }, [], "");
  writer.equations.push(...equations.slice(equations.length >> 1));
  const anew = inputs.map((input, i): Atom => {
    const alike = [...inputs, ...outputs].filter(
      ({ aval }) => formatAval(aval) === formatAval(input.aval),
    );
    const choice = (seed + 7 * i) % 4;
    if (choice === 0) return input;
    return choice === 1
      ? alike[(seed + i) % alike.length]
      : writer.apply(ops.add, [input, alike[(seed >> 2) % alike.length]]);
  });
  return { inputs, equations: writer.equations, outputs: [...anew, ...outputs] };
}

/** A program with a frame in which everything that the others keep would lie. */
const broad = writeProgram([[1 << 16]], (w, x) => {
  const y = w.apply(ops.bump, [x]);
  return [w.apply(ops.reduceSum, [w.apply(ops.bump, [w.apply(ops.add, [y, x])])], { axes: [0] })];
});

/** An array that somebody holds, and what must be in it. */
interface Held {
  readonly tensor: Tensor;
  readonly words: Words;
}

interface Move {
  readonly kind: "call" | "again" | "broad" | "read" | "drop" | "fail";
  readonly program: number;
  readonly choice: number;
  readonly donated: number;
}

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom("call", "call", "again", "again", "again", "broad", "read", "drop", "fail"),
  program: fc.nat(2),
  choice: fc.nat(0xffff),
  donated: fc.nat(0xff),
});

const valuesOf = (words: Words): number[] => Array.from(words, (value) => value + 0);

const overwrites = (program: number): boolean => program === 1;

class Session {
  readonly #programs: readonly Program[];
  readonly #examples: readonly RandomProgram[];
  readonly #executables: readonly Executable[];
  readonly #broad: Executable;
  /** Of the last call of each program: its arguments, or the results in their places. */
  readonly #next: (readonly Held[] | undefined)[];
  #held: Held[] = [];

  constructor(backend: Backend, examples: readonly RandomProgram[], seed: number) {
    this.#examples = examples;
    this.#programs = examples.map((example, i) => stateful(example, seed + i));
    // The second one may overwrite what it is given.
    this.#executables = this.#programs.map((program, i) =>
      backend.compile(program, { overwrite: overwrites(i) }),
    );
    this.#broad = backend.compile(broad);
    this.#next = examples.map(() => undefined);
  }

  play({ kind, program, choice, donated }: Move): void {
    switch (kind) {
      case "call":
        this.#call(program, this.#arguments(program, choice), donated);
        return;
      case "again":
        // What was given back goes in again: donated, or for once not.
        this.#call(
          program,
          this.#next[program] ?? this.#arguments(program, choice),
          donated | 0xaa,
        );
        return;
      case "broad":
        this.#broad.run([new Tensor(broad.inputs[0].aval, new Float32Array(1 << 16))], [], "broad");
        return;
      case "read": {
        const held = this.#held[choice % this.#held.length];
        if (held) expect(valuesOf(held.tensor.words())).toEqual(valuesOf(held.words));
        return;
      }
      case "drop":
        this.#held = this.#held.filter((_, i) => (choice >> (i % 16)) & 1);
        return;
      case "fail":
        printer.outOfPaper = true;
        try {
          const given = this.#next[program] ?? this.#arguments(program, choice);
          if (given.length > 0) {
            const every = given.map(() => true);
            const call = (): unknown =>
              this.#executables[program].run(
                given.map(({ tensor }) => tensor),
                every,
                "fail",
              );
            expect(call).toThrow("out of paper");
            if (!overwrites(program))
              expect(given.some(({ tensor }) => tensor.isDonated)).toBe(false);
            this.#forgetDonated();
          }
        } finally {
          printer.outOfPaper = false;
        }
        return;
      default:
        kind satisfies never;
    }
  }

  end(): void {
    for (const { tensor, words } of this.#held) {
      expect(valuesOf(tensor.words())).toEqual(valuesOf(words));
    }
  }

  /** Arrays that somebody holds, of the right types, or new ones. */
  #arguments(program: number, choice: number): readonly Held[] {
    return this.#programs[program].inputs.map(({ aval }, i) => {
      const alike = this.#held.filter(
        ({ tensor }) => formatAval(tensor.aval) === formatAval(aval) && !tensor.isDonated,
      );
      const known = alike[(choice >> i) % (alike.length + 1)];
      if (known) return known;
      const words = this.#examples[program].inputs[i];
      const made = { tensor: new Tensor(aval, words.slice()), words };
      this.#held.push(made);
      return made;
    });
  }

  #forgetDonated(): void {
    this.#held = this.#held.filter(({ tensor }) => !tensor.isDonated);
    this.#next.forEach((next, i) => {
      if (next?.some(({ tensor }) => tensor.isDonated)) this.#next[i] = undefined;
    });
  }

  #call(program: number, given: readonly Held[], donations: number): void {
    const { inputs } = this.#programs[program];
    const donated = given.map((_, i) => ((donations >> (i % 8)) & 1) === 1);
    const expected = interpret(
      this.#programs[program],
      given.map(({ words }) => words),
    );
    const tensors = this.#executables[program].run(
      given.map(({ tensor }) => tensor),
      donated,
      "call",
    );
    expect(given.map(({ tensor }) => tensor.isDonated)).toEqual(
      given.map(({ tensor }) => given.some((other, i) => other.tensor === tensor && donated[i])),
    );
    const results = tensors.map((tensor, i) => ({ tensor, words: expected[i] }));
    this.#forgetDonated();
    this.#held.push(...results);
    this.#next[program] = inputs.map((_, i) => (given[i].tensor.isDonated ? results[i] : given[i]));
  }
}

describe("what stays in the arena", () => {
  it.each([...settings.keys()])("has the right values at any time, setting %i", (setting) => {
    const examples = fc.array(randomProgram({ control: true, maxSize: 6 }), {
      minLength: 3,
      maxLength: 3,
    });
    const moves = fc.array(move, { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(examples, fc.nat(0xffff), moves, (programs, seed, played) => {
        const session = new Session(backends[setting], programs, seed);
        for (const each of played) session.play(each);
        session.end();
      }),
      { numRuns: 100 },
    );
  });
});
