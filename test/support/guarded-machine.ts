/** Runs plans on the real kernels in a memory in which every word around the main frame is watched. */
import { ArenaMemory } from "../../src/backends/wasm/memory.ts";
import { Machine } from "../../src/backends/wasm/machine.ts";
import { wordsOf, type Words } from "../../src/core/dtype.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { encodePlan } from "../../src/backends/wasm/encode.ts";
import { oneThread } from "./model-plans.ts";
import type { ExecutionPlan, HostCallback, Location } from "../../src/plan/index.ts";

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

  /** Runs the plan on copies of the inputs' words in an arena full of `fill`. */
  run(plan: ExecutionPlan, inputs: readonly Words[], fill = noise): GuardedRun {
    const encoded = encodePlan(plan, {
      ...oneThread,
      kernels: this.#machine.kernels,
    });
    const code = align(this.#machine.heapBase);
    const constants = align(code + encoded.code.length * 4);
    const tables = align(constants + plan.constants.length * 4);
    const tableBytes = align(encoded.tableWords * 4);
    const firstGuard = align(tables + tableBytes * this.#machine.report.count);
    const frame = firstGuard + guardBytes;
    const frameEnd = frame + plan.main.frameBytes;
    const end = frameEnd + guardBytes;
    this.#memory.reserve(end, "test");
    const { words } = this.#memory;
    words.fill(fill, code / 4, end / 4);
    this.#memory.write(code, encoded.code);
    this.#memory.write(constants, plan.constants);
    const addressOf = ({ space, offset }: Location): number =>
      (space === "frame" ? frame : constants) + offset;
    plan.inputs.forEach(({ at }, i) => {
      if (at) this.#memory.write(addressOf(at), inputs[i]);
    });
    this.#machine.run({
      code,
      start: encoded.start,
      frame,
      constants,
      tables,
      tableBytes,
      threads: alone.threads,
      host: (callback, addresses) => callHost(plan.callbacks[callback], words.buffer, addresses),
    });
    const changed = (from: number, to: number): number =>
      4 * words.subarray(from / 4, to / 4).reduce((sum, word) => sum + Number(word !== fill), 0);
    const unused = words.subarray(frame / 4, frameEnd / 4).findLastIndex((word) => word !== fill);
    return {
      outputs: plan.outputs.map(({ at, bytes, aval }) => {
        const result = wordsOf(aval.dtype, new ArrayBuffer(bytes));
        if (at) this.#memory.read(addressOf(at), result);
        return result;
      }),
      touchedBytes: 4 * (unused + 1),
      strayBytes: changed(firstGuard, frame) + changed(frameEnd, end),
    };
  }
}

const align = (address: number): number => Math.ceil(address / 64) * 64;

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
