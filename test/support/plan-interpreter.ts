/** The plan interpreter in plain TypeScript, on one thread: what assembly/interpreter/ must equal, and tests of the planner need no binary. */
import { base, kernelHeaderWords, opcode } from "../../src/plan/index.ts";

/** The signature of every kernel: address of the argument words, share, number of shares. */
export type Kernel = (args: number, part: number, parts: number) => void;

/** What running a plan's steps needs. */
export interface Machine {
  /** The whole memory. */
  readonly words: Int32Array;
  /** Word index of the plan's code in it. */
  readonly code: number;
  /** By opcode, from `opcode.firstKernel` on. */
  readonly kernels: readonly Kernel[];
  /** Base tables of the running functions, one behind the other. */
  readonly tables: Uint32Array;
  /** Carries out host step number `callback` on buffers at the given byte addresses. */
  host(callback: number, addresses: readonly number[]): void;
  /** Word of the code of the step that runs: tells where an error happened. */
  current: number;
}

/**
 * Runs the function whose steps start at word `start` of the code; its base table is at `table`, and
 * callees' tables begin at `free`. See `plan/opcodes.ts` for the encoding.
 */
export function runFunction(machine: Machine, start: number, table: number, free: number): void {
  const { words, code, tables } = machine;
  let at = code + start;
  for (;;) {
    const step = words[at];
    if (step >= opcode.firstKernel) {
      machine.current = at - code;
      const count = words[at + kernelHeaderWords - 1];
      const args = resolve(machine, table, at + kernelHeaderWords, count);
      machine.kernels[step - opcode.firstKernel](args * 4, 0, 1);
    } else if (step === opcode.return) {
      return;
    } else if (step === opcode.call) {
      const count = words[at + 4];
      enter(machine, table, free, words[at + 3], at + 5, count);
      runFunction(machine, words[at + 2], free, free + base.firstParameter + count);
    } else if (step === opcode.scan) {
      runScan(machine, at, table, free);
    } else if (step === opcode.cond) {
      runCond(machine, at, table, free);
    } else if (step === opcode.while) {
      runWhile(machine, at, table, free);
    } else {
      machine.current = at - code;
      const count = words[at + 3];
      const first = resolve(machine, table, at + 4, count);
      const addresses = Array.from(words.subarray(first, first + count), (word) => word >>> 0);
      machine.host(words[at + 2], addresses);
    }
    at += words[at + 1];
  }

  function runScan(machine: Machine, at: number, table: number, free: number): void {
    const iterations = words[at + 4];
    const count = words[at + 5];
    const first = at + 6;
    setFrame(machine, table, free, words[at + 3]);
    for (let iteration = 0; iteration < iterations; iteration++) {
      for (let i = 0; i < count; i++) {
        const argument = first + 3 * i;
        // Wraps modulo 2^32, as addresses do.
        tables[free + base.firstParameter + i] =
          tables[table + words[argument]] +
          words[argument + 1] +
          Math.imul(words[argument + 2], iteration);
      }
      runFunction(machine, words[at + 2], free, free + base.firstParameter + count);
    }
  }

  function runCond(machine: Machine, at: number, table: number, free: number): void {
    const address = tables[table + words[at + 2]] + words[at + 3];
    const branches = words[at + 5];
    const index = Math.min(Math.max(words[(address >>> 0) >>> 2], 0), branches - 1);
    const count = words[at + 6 + branches];
    enter(machine, table, free, words[at + 4], at + 7 + branches, count);
    runFunction(machine, words[at + 6 + index], free, free + base.firstParameter + count);
  }

  function runWhile(machine: Machine, at: number, table: number, free: number): void {
    const predicate = ((tables[table + words[at + 5]] + words[at + 6]) >>> 0) >>> 2;
    const conditionCount = words[at + 7];
    const bodyCount = words[at + 8];
    const first = at + 9;
    for (;;) {
      enter(machine, table, free, words[at + 4], first, conditionCount);
      runFunction(machine, words[at + 2], free, free + base.firstParameter + conditionCount);
      if (words[predicate] === 0) return;
      enter(machine, table, free, words[at + 4], first + 2 * conditionCount, bodyCount);
      runFunction(machine, words[at + 3], free, free + base.firstParameter + bodyCount);
    }
  }
}

/** Writes the addresses of a step's buffers behind their (base, offset) pairs; returns the word where they begin. */
function resolve({ words, tables }: Machine, table: number, from: number, count: number): number {
  const to = from + 2 * count;
  for (let i = 0; i < count; i++) {
    words[to + i] = tables[table + words[from + 2 * i]] + words[from + 2 * i + 1];
  }
  return to;
}

function setFrame({ tables }: Machine, table: number, free: number, frameOffset: number): void {
  tables[free + base.frame] = tables[table + base.frame] + frameOffset;
  tables[free + base.constants] = tables[table + base.constants];
}

/** Fills a callee's base table from (base, offset) pairs. */
function enter(
  machine: Machine,
  table: number,
  free: number,
  frameOffset: number,
  from: number,
  count: number,
): void {
  const { words, tables } = machine;
  setFrame(machine, table, free, frameOffset);
  for (let i = 0; i < count; i++) {
    tables[free + base.firstParameter + i] =
      tables[table + words[from + 2 * i]] + words[from + 2 * i + 1];
  }
}
