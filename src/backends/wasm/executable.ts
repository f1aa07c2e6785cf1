import { formatAval, sameArrayType } from "../../core/aval.ts";
import { wordsOf, type Words } from "../../core/dtype.ts";
import { BackendError } from "../../core/errors.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Executable, ExecutableReport } from "../../ir/backend.ts";
import type { Lifetime } from "../../ir/lifetime.ts";
import {
  formatPlan,
  type ExecutionPlan,
  type Location,
  type Region,
  type StepInfo,
} from "../../plan/index.ts";
import type { EncodedPlan } from "./encode.ts";
import { StepFailure, type Machine } from "./machine.ts";
import type { ArenaMemory } from "./memory.ts";
import { ProfileArea, type ProfileOptions } from "./profile.ts";

/** What the executables of one backend share. */
export interface Arena {
  readonly memory: ArenaMemory;
  readonly machine: Machine;
  /** The most threads that a run gets. */
  readonly threads: number;
  /** First byte that executables may use. */
  readonly start: number;
  /** The executable whose code lies in the arena. */
  loaded: PlanExecutable | undefined;
  /** Runs that the plan expects to take fewer milliseconds stay on the calling thread. */
  readonly smallestRun: number;
  /** Whether the backend may still be used. */
  readonly lifetime: Lifetime;
  /** Who wants to know where time goes, if anybody. */
  readonly profile: ProfileOptions | undefined;
  /** A run is in progress: its values are in the arena. */
  running: boolean;
}

const poisonBits = 0x7fc0dead;

const align = (address: number): number => Math.ceil(address / 16) * 16;

/** Every thread's base tables begin at a cache line of their own. */
const tableAlignment = 64;

/**
 * A plan bound to an arena: code, constants, base tables, times, and the main function's frame, one behind
 * the other.
 */
export class PlanExecutable implements Executable {
  readonly report: ExecutableReport;
  readonly #plan: ExecutionPlan;
  readonly #encoded: EncodedPlan;
  readonly #arena: Arena;
  readonly #poison: boolean;
  readonly #constants: number;
  readonly #tables: number;
  readonly #tableBytes: number;
  readonly #times: ProfileArea | undefined;
  readonly #frame: number;

  constructor(
    plan: ExecutionPlan,
    encoded: EncodedPlan,
    arena: Arena,
    backend: string,
    poison: boolean,
  ) {
    this.#plan = plan;
    this.#encoded = encoded;
    this.#arena = arena;
    this.#poison = poison;
    this.#constants = align(arena.start + encoded.code.length * 4);
    this.#tables = align(this.#constants + plan.constants.length * 4);
    this.#tableBytes = Math.ceil((encoded.tableWords * 4) / tableAlignment) * tableAlignment;
    const next = this.#tables + arena.threads * this.#tableBytes;
    this.#times =
      arena.profile && new ProfileArea(next, encoded.code.length, arena.profile.events ?? 0);
    this.#frame = align(this.#times?.end ?? next);
    this.report = reportOf(plan, backend);
  }

  run(inputs: readonly Tensor[], donated: readonly boolean[], where: string): readonly Tensor[] {
    const arena = this.#arena;
    arena.lifetime.check(where);
    this.#checkInputs(inputs, where);
    if (arena.running) throw nestedRun(where);
    arena.running = true;
    try {
      const entered = performance.now();
      this.#load(where);
      this.#copyIn(inputs, where);
      const begin = performance.now();
      this.#execute(where);
      const end = performance.now();
      const results = this.#copyOut(inputs, donated, where);
      this.#tell(where, begin, end, begin - entered + performance.now() - end);
      return results;
    } finally {
      arena.running = false;
    }
  }

  #checkInputs(inputs: readonly Tensor[], where: string): void {
    const { inputs: regions } = this.#plan;
    const fits =
      inputs.length === regions.length &&
      inputs.every((tensor, i) => sameArrayType(tensor.aval, regions[i].aval));
    if (fits) return;
    throw new BackendError("the inputs are not those of the compiled program", {
      where,
      expected: regions.map(({ aval }) => formatAval(aval)).join(", "),
      got: inputs.map(({ aval }) => formatAval(aval)).join(", "),
    });
  }

  /** Brings code and constants into the arena unless they are still there. */
  #load(where: string): void {
    const { memory, start } = this.#arena;
    memory.reserve(this.#frame + this.#plan.main.frameBytes, where);
    if (this.#arena.loaded === this) return;
    this.#arena.loaded = undefined;
    memory.write(start, this.#encoded.code);
    memory.write(this.#constants, this.#plan.constants);
    this.#arena.loaded = this;
  }

  #address({ space, offset }: Location): number {
    return (space === "frame" ? this.#frame : this.#constants) + offset;
  }

  #copyIn(inputs: readonly Tensor[], where: string): void {
    const { memory } = this.#arena;
    if (this.#poison) {
      const first = this.#frame >>> 2;
      memory.words.fill(poisonBits, first, first + this.#plan.main.frameBytes / 4);
    }
    this.#plan.inputs.forEach(({ at }, i) => {
      // Read even where unused: a donated tensor must be refused.
      const words = inputs[i].words(where);
      if (at) memory.write(this.#address(at), words);
    });
  }

  #execute(where: string): void {
    const { memory, machine, threads, start: code } = this.#arena;
    this.#times?.clear(memory);
    const pays = expectedMilliseconds(this.#plan) >= this.#arena.smallestRun;
    try {
      machine.run({
        code,
        start: this.#encoded.start,
        frame: this.#frame,
        constants: this.#constants,
        tables: this.#tables,
        tableBytes: this.#tableBytes,
        threads: pays ? threads : 1,
        profile: this.#times,
        host: (callback, addresses) => this.#host(callback, addresses),
      });
    } catch (error) {
      throw error instanceof StepFailure ? this.#explain(error, where) : error;
    }
  }

  /** A trap in a kernel says which step it was. */
  #explain({ message, step }: StepFailure, where: string): BackendError {
    const info = this.#infoOf(step);
    return new BackendError(`a kernel failed: ${message}`, {
      where,
      got: info && `${info.operation} in ${info.name}`,
    });
  }

  #tell(where: string, begin: number, end: number, copyMilliseconds: number): void {
    const { memory, machine, profile } = this.#arena;
    const times = this.#times;
    if (!profile || !times) return;
    profile.onRun({
      where,
      threads: machine.lastThreads,
      shares: machine.lastShares,
      begin,
      end,
      copyMilliseconds,
      steps: times.readSteps(memory, this.#encoded.infos),
      ...times.readEvents(memory, (step) => this.#infoOf(step)),
    });
  }

  #infoOf(step: number): StepInfo | undefined {
    return this.#encoded.infos.get(step);
  }

  #host(callback: number, addresses: readonly number[]): void {
    const { buffer } = this.#arena.memory.words;
    const { inputs, outputs, run } = this.#plan.callbacks[callback];
    const arrays = [...inputs, ...outputs].map((aval, i) => {
      const size = aval.shape.reduce((product, n) => product * n, 1);
      return { aval, words: wordsOf(aval.dtype, buffer, addresses[i], size) };
    });
    run(arrays.slice(0, inputs.length), arrays.slice(inputs.length));
  }

  /** Results in fresh buffers, or in those of donated inputs of the same size. */
  #copyOut(
    inputs: readonly Tensor[],
    donated: readonly boolean[],
    where: string,
  ): readonly Tensor[] {
    const { memory } = this.#arena;
    const given = inputs.filter((tensor, i) => donated[i] && !tensor.isDonated);
    const reusable = new Set(given);
    const buffers = this.#plan.outputs.map((region) => {
      const words = takeBuffer(reusable, region);
      if (region.at) memory.read(this.#address(region.at), words);
      return words;
    });
    for (const tensor of given) if (!tensor.isDonated) tensor.donate(where);
    return this.#plan.outputs.map(({ aval }, i) => new Tensor(aval, buffers[i]));
  }
}

/** What one thread would take, roughly: at 10 GFLOP/s and 8 GB/s. */
const expectedMilliseconds = ({ main: { flops, bytes } }: ExecutionPlan): number =>
  flops / 10e6 + bytes / 8e6;

/** Words for a result: a donated tensor's, whose elements are in the arena already, or new ones. */
function takeBuffer(reusable: Set<Tensor>, { aval, bytes }: Region): Words {
  for (const tensor of reusable) {
    const old = tensor.words();
    if (old.byteLength !== bytes || old.byteLength !== old.buffer.byteLength) continue;
    reusable.delete(tensor);
    return wordsOf(aval.dtype, old.buffer);
  }
  return wordsOf(aval.dtype, new ArrayBuffer(bytes));
}

const nestedRun = (where: string): BackendError =>
  new BackendError("a compiled program was started inside of another one's run", {
    where,
    fix: "A debug callback may read the tensors that it gets, but not compute with array functions.",
  });

/** Computes the listing only when somebody looks. */
function reportOf(plan: ExecutionPlan, backend: string): ExecutableReport {
  return {
    backend,
    get plan() {
      return formatPlan(plan);
    },
    flops: plan.main.flops,
    bytes: plan.main.bytes,
    peakBytes: plan.main.frameBytes,
    hostBytes: plan.main.hostBytes,
    get largest() {
      return plan.main.largest;
    },
  };
}
