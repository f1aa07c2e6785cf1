/** Runs plans on the real kernels in a memory in which every word around the main frame is watched. */
import { ArenaMemory } from "../../src/backends/wasm/memory.ts";
import { Machine } from "../../src/backends/wasm/machine.ts";
import { wordsOf, type Words } from "../../src/core/dtype.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { encodePlan } from "../../src/backends/wasm/encode.ts";
import { oneThread } from "./model-plans.ts";
import type { ExecutionPlan, HostCallback, Location, OutsideValues } from "../../src/plan/index.ts";

/** Fills the arena before a run. */
const noise = 0x5eed5eed;
/** Before and behind the frame. */
const guardBytes = 1 << 20;

/** Nothing to wait for, nothing to share. */
const alone = { threads: 1, smallestSplit: 1, spins: 0 };

export interface GuardedRun {
  readonly outputs: readonly Words[];
  /** End of the part of the frame that was written, in bytes: at most the planned peak. */
  readonly touchedBytes: number;
  /** Bytes outside of the frame that changed: there must be none. */
  readonly strayBytes: number;
  /** Inputs outside of the frame are as they were. */
  readonly intact: boolean;
}

export class GuardedMachine {
  readonly #memory: ArenaMemory;
  readonly #machine: Machine;

  private constructor(memory: ArenaMemory, machine: Machine) {
    this.#memory = memory;
    this.#machine = machine;
  }

  static async create(): Promise<GuardedMachine> {
    const memory = new ArenaMemory(false);
    return new GuardedMachine(memory, await Machine.create(memory, alone));
  }

  /**
   * Runs the plan on copies of the inputs' words in an arena full of `fill`. Inputs and results that the plan wants outside of
   * its frame lie behind it, each between guards.
   */
  run(
    plan: ExecutionPlan,
    inputs: readonly Words[],
    fill = noise,
    outside: OutsideValues = { inputs: [], outputs: [] },
  ): GuardedRun {
    const encoded = encodePlan(plan, {
      ...oneThread,
      kernels: this.#machine.kernels,
    });
    const code = align(this.#machine.heapBase);
    const constants = align(code + encoded.code.length * 4);
    const parameters = align(constants + plan.constants.length * 4);
    const tables = align(parameters + plan.main.parameters * 4);
    const tableBytes = align(encoded.tableWords * 4);
    const firstGuard = align(tables + tableBytes * this.#machine.report.count);
    const frame = firstGuard + guardBytes;
    const frameEnd = frame + plan.main.frameBytes;
    const blocks = blocksOf(plan, outside, frameEnd + guardBytes);
    const end = (blocks.at(-1)?.end ?? frameEnd) + guardBytes;
    this.#memory.reserve(end, "test");
    const { words } = this.#memory;
    words.fill(fill, code / 4, end / 4);
    this.#memory.write(code, encoded.code);
    this.#memory.write(constants, plan.constants);
    const addressOf = (at: Location): number =>
      at.space === "parameter"
        ? blocks[at.index].begin + at.offset
        : (at.space === "frame" ? frame : constants) + at.offset;
    words.set(
      blocks.map(({ begin }) => begin),
      parameters / 4,
    );
    plan.inputs.forEach(({ at }, i) => {
      if (at) this.#memory.write(addressOf(at), inputs[i]);
    });
    this.#machine.run({
      code,
      start: encoded.start,
      frame,
      constants,
      parameters: { at: parameters, count: plan.main.parameters },
      tables,
      tableBytes,
      threads: alone.threads,
      host: (callback, addresses) => callHost(plan.callbacks[callback], words.buffer, addresses),
    });
    const changed = (from: number, to: number): number =>
      4 * words.subarray(from / 4, to / 4).reduce((sum, word) => sum + Number(word !== fill), 0);
    const intact = plan.inputs.every(({ at }, i) => {
      if (!outside.inputs[i] || !at) return true;
      const now = inputs[i].slice();
      this.#memory.read(addressOf(at), now);
      return now.every((word, position) => Object.is(word, inputs[i][position]));
    });
    const gaps = [...blocks, { begin: end, end }].map(({ begin }, i) =>
      changed(blocks[i - 1]?.end ?? frameEnd, begin),
    );
    const unused = words.subarray(frame / 4, frameEnd / 4).findLastIndex((word) => word !== fill);
    return {
      outputs: plan.outputs.map(({ at, bytes, aval }) => {
        const result = wordsOf(aval.dtype, new ArrayBuffer(bytes));
        if (at) this.#memory.read(addressOf(at), result);
        return result;
      }),
      touchedBytes: 4 * (unused + 1),
      strayBytes: gaps.reduce((sum, gap) => sum + gap, changed(firstGuard, frame)),
      intact,
    };
  }
}

const align = (address: number): number => Math.ceil(address / 64) * 64;

/** The places of what lies outside, inputs first; between them a cache line that is watched. */
function blocksOf(
  { inputs, outputs }: ExecutionPlan,
  outside: OutsideValues,
  from: number,
): readonly { readonly begin: number; readonly end: number }[] {
  const sizes = [
    ...inputs.filter((_, i) => outside.inputs[i]),
    ...outputs.filter((_, i) => outside.outputs[i]),
  ];
  let next = from;
  return sizes.map(({ bytes }) => {
    const begin = next;
    next = align(begin + bytes) + 64;
    return { begin, end: begin + bytes };
  });
}

function callHost(
  { inputs, outputs, run }: HostCallback,
  buffer: ArrayBuffer | SharedArrayBuffer,
  addresses: readonly number[],
): void {
  const arrays = [...inputs, ...outputs].map((aval, i) => ({
    aval,
    words: wordsOf(aval.dtype, buffer, addresses[i], sizeOf(aval.shape)),
  }));
  run(arrays.slice(0, inputs.length), arrays.slice(inputs.length));
}
