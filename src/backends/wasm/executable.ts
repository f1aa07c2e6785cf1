import { formatAval, sameArrayType } from "../../core/aval.ts";
import { wordsOf, type Words } from "../../core/dtype.ts";
import { BackendError, ReformaxError } from "../../core/errors.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Executable, ExecutableReport } from "../../ir/backend.ts";
import { formatPlan, type ExecutionPlan, type Region, type StepInfo } from "../../plan/index.ts";
import { runFunction, type Kernel, type Machine } from "./interpreter.ts";
import type { ArenaMemory } from "./memory.ts";

/** Hears of a step that ran, and how long it took. */
export type StepListener = (step: StepInfo, milliseconds: number) => void;

/** What the executables of one backend share. */
export interface Arena {
  readonly memory: ArenaMemory;
  readonly kernels: readonly Kernel[];
  /** First byte that executables may use. */
  readonly start: number;
  /** The executable whose code lies in the arena. */
  loaded: PlanExecutable | undefined;
  /** Base tables of the functions that run. */
  tables: Uint32Array;
  /** Told of every kernel call and its duration, if anybody wants to know. */
  readonly profile: StepListener | undefined;
  /** A run is in progress: its values are in the arena. */
  running: boolean;
}

const poisonBits = 0x7fc0dead;

const align = (address: number): number => Math.ceil(address / 16) * 16;

/** A plan bound to an arena: code, constants and the main function's frame, one behind the other. */
export class PlanExecutable implements Executable {
  readonly report: ExecutableReport;
  readonly #plan: ExecutionPlan;
  readonly #arena: Arena;
  readonly #poison: boolean;
  readonly #constants: number;
  readonly #frame: number;
  #steps: ReadonlyMap<number, StepInfo> | undefined;

  constructor(plan: ExecutionPlan, arena: Arena, backend: string, poison: boolean) {
    this.#plan = plan;
    this.#arena = arena;
    this.#poison = poison;
    this.#constants = align(arena.start + plan.code.length * 4);
    this.#frame = align(this.#constants + plan.constants.length * 4);
    this.report = reportOf(plan, backend);
  }

  run(inputs: readonly Tensor[], donated: readonly boolean[], where: string): readonly Tensor[] {
    this.#checkInputs(inputs, where);
    const arena = this.#arena;
    if (arena.running) throw nestedRun(where);
    arena.running = true;
    try {
      this.#load(where);
      this.#copyIn(inputs);
      this.#execute(where);
      return this.#copyOut(inputs, donated, where);
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
    memory.write(start, this.#plan.code);
    memory.write(this.#constants, this.#plan.constants);
    this.#arena.loaded = this;
  }

  #address(place: { readonly base: number; readonly offset: number }): number {
    return (place.base === 0 ? this.#frame : this.#constants) + place.offset;
  }

  #copyIn(inputs: readonly Tensor[]): void {
    const { memory } = this.#arena;
    if (this.#poison) {
      const first = this.#frame >>> 2;
      memory.words.fill(poisonBits, first, first + this.#plan.main.frameBytes / 4);
    }
    this.#plan.inputs.forEach(({ place }, i) => {
      // Read even where unused: a donated tensor must be refused.
      const words = inputs[i].words();
      if (place) memory.write(this.#address(place), words);
    });
  }

  #execute(where: string): void {
    const { memory, kernels, start, profile } = this.#arena;
    const tables = this.#baseTables();
    tables[0] = this.#frame;
    tables[1] = this.#constants;
    const machine: Machine = {
      words: memory.words,
      code: start >>> 2,
      kernels: profile
        ? kernels.map((kernel) => this.#timed(kernel, profile, () => machine.current))
        : kernels,
      tables,
      host: (callback, addresses) => this.#host(callback, addresses),
      current: 0,
    };
    try {
      runFunction(machine, this.#plan.main.start, 0, 2);
    } catch (error) {
      throw this.#explain(error, machine.current, where);
    }
  }

  /** Room for the base tables of the deepest call. */
  #baseTables(): Uint32Array {
    const { tableWords } = this.#plan.main;
    if (this.#arena.tables.length < tableWords)
      this.#arena.tables = new Uint32Array(2 * tableWords);
    return this.#arena.tables;
  }

  /** A trap in a kernel says which step it was; users' errors pass. */
  #explain(error: unknown, step: number, where: string): unknown {
    if (error instanceof ReformaxError || !(error instanceof WebAssembly.RuntimeError))
      return error;
    const info = this.#infoOf(step);
    return new BackendError(`a kernel failed: ${error.message}`, {
      where,
      got: info && `${info.operation} in ${info.name}`,
    });
  }

  #timed(kernel: Kernel, listener: StepListener, current: () => number): Kernel {
    return (args, part, parts) => {
      const begin = performance.now();
      kernel(args, part, parts);
      const milliseconds = performance.now() - begin;
      const step = this.#infoOf(current());
      if (step) listener(step, milliseconds);
    };
  }

  #infoOf(step: number): StepInfo | undefined {
    this.#steps ??= new Map(
      this.#plan.functions.flatMap(({ steps }) => steps).map((info) => [info.start, info] as const),
    );
    return this.#steps.get(step);
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
      if (region.place) memory.read(this.#address(region.place), words);
      return words;
    });
    for (const tensor of given) if (!tensor.isDonated) tensor.donate(where);
    return this.#plan.outputs.map(({ aval }, i) => new Tensor(aval, buffers[i]));
  }
}

/** Words for a result: a donated tensor's, whose elements are in the arena already, or new ones. */
function takeBuffer(reusable: Set<Tensor>, { aval, words }: Region): Words {
  for (const tensor of reusable) {
    const old = tensor.words();
    if (old.length !== words || old.byteLength !== old.buffer.byteLength) continue;
    reusable.delete(tensor);
    return wordsOf(aval.dtype, old.buffer);
  }
  return wordsOf(aval.dtype, new ArrayBuffer(words * 4));
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
    get largest() {
      return plan.main.largest;
    },
  };
}
