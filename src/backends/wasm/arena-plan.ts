import { wordsOf } from "../../core/dtype.ts";
import { BackendError } from "../../core/errors.ts";
import type { ExecutionPlan, Location, StepInfo } from "../../plan/index.ts";
import type { Arena } from "./arena.ts";
import type { EncodedPlan } from "./encode.ts";
import { StepFailure } from "./machine.ts";
import { ProfileArea } from "./profile.ts";

const poisonBits = 0x7fc0dead;

const align = (address: number): number => Math.ceil(address / 16) * 16;

/** Every thread's base tables begin at a cache line of their own. */
const tableAlignment = 64;

/** When a run began and ended, on the clock of `performance.now()`. */
export interface RunTimes {
  readonly begin: number;
  readonly end: number;
}

/**
 * A plan bound to an arena: code, constants, addresses of parameters, base tables, times, and the main function's frame, one
 * behind the other.
 */
export class ArenaPlan {
  readonly plan: ExecutionPlan;
  /** First byte behind the frame. */
  readonly end: number;
  readonly #encoded: EncodedPlan;
  readonly #arena: Arena;
  readonly #poison: boolean;
  readonly #constants: number;
  readonly #parameters: number;
  readonly #tables: number;
  readonly #tableBytes: number;
  readonly #times: ProfileArea | undefined;
  readonly #frame: number;

  constructor(plan: ExecutionPlan, encoded: EncodedPlan, arena: Arena, poison: boolean) {
    this.plan = plan;
    this.#encoded = encoded;
    this.#arena = arena;
    this.#poison = poison;
    this.#constants = align(arena.start + encoded.code.length * 4);
    this.#parameters = align(this.#constants + plan.constants.length * 4);
    this.#tables = align(this.#parameters + plan.main.parameters * 4);
    this.#tableBytes = Math.ceil((encoded.tableWords * 4) / tableAlignment) * tableAlignment;
    const next = this.#tables + arena.threads * this.#tableBytes;
    this.#times =
      arena.profile && new ProfileArea(next, encoded.code.length, arena.profile.events ?? 0);
    this.#frame = align(this.#times?.end ?? next);
    this.end = this.#frame + plan.main.frameBytes;
  }

  /** Brings code and constants into the arena unless they are still there. */
  load(where: string): void {
    const { memory, start } = this.#arena;
    memory.reserve(this.end, where);
    if (this.#arena.loaded !== this) {
      this.#arena.loaded = undefined;
      memory.write(start, this.#encoded.code);
      memory.write(this.#constants, this.plan.constants);
      this.#arena.loaded = this;
    }
    if (this.#poison) memory.words.fill(poisonBits, this.#frame >>> 2, this.end / 4);
  }

  /** @param parameters the addresses of what lies outside of the frame */
  addressOf(at: Location, parameters: readonly number[]): number {
    switch (at.space) {
      case "frame":
        return this.#frame + at.offset;
      case "constants":
        return this.#constants + at.offset;
      case "parameter":
        return parameters[at.index] + at.offset;
      default:
        return at satisfies never;
    }
  }

  /** Runs the steps; inputs are where they have to be. */
  execute(parameters: readonly number[], where: string): RunTimes {
    const { memory, machine, threads, start: code } = this.#arena;
    this.#times?.clear(memory);
    if (parameters.length > 0) memory.words.set(parameters, this.#parameters >>> 2);
    const pays = expectedMilliseconds(this.plan) >= this.#arena.smallestRun;
    const begin = performance.now();
    try {
      machine.run({
        code,
        start: this.#encoded.start,
        frame: this.#frame,
        constants: this.#constants,
        parameters: { at: this.#parameters, count: this.plan.main.parameters },
        tables: this.#tables,
        tableBytes: this.#tableBytes,
        threads: pays ? threads : 1,
        profile: this.#times,
        host: (callback, addresses) => this.#host(callback, addresses),
      });
    } catch (error) {
      throw error instanceof StepFailure ? this.#explain(error, where) : error;
    }
    return { begin, end: performance.now() };
  }

  /** Tells who wants to know where the time of a run went that began with copying at `entered`, and is over now. */
  tell(where: string, entered: number, { begin, end }: RunTimes): void {
    const { memory, machine, profile } = this.#arena;
    const times = this.#times;
    if (!profile || !times) return;
    profile.onRun({
      where,
      threads: machine.lastThreads,
      shares: machine.lastShares,
      begin,
      end,
      copyMilliseconds: begin - entered + performance.now() - end,
      steps: times.readSteps(memory, this.#encoded.infos),
      ...times.readEvents(memory, (step) => this.#infoOf(step)),
    });
  }

  /** A trap in a kernel says which step it was. */
  #explain({ message, step }: StepFailure, where: string): BackendError {
    const info = this.#infoOf(step);
    return new BackendError(`a kernel failed: ${message}`, {
      where,
      got: info && `${info.operation} in ${info.name}`,
    });
  }

  #infoOf(step: number): StepInfo | undefined {
    return this.#encoded.infos.get(step);
  }

  #host(callback: number, addresses: readonly number[]): void {
    const { buffer } = this.#arena.memory.words;
    const { inputs, outputs, run } = this.plan.callbacks[callback];
    const arrays = [...inputs, ...outputs].map((aval, i) => {
      const size = aval.shape.reduce((product, n) => product * n, 1);
      return { aval, words: wordsOf(aval.dtype, buffer, addresses[i], size) };
    });
    run(arrays.slice(0, inputs.length), arrays.slice(inputs.length));
  }
}

/** What one thread would take, roughly: at 10 GFLOP/s and 8 GB/s. */
const expectedMilliseconds = ({ main: { flops, bytes } }: ExecutionPlan): number =>
  flops / 10e6 + bytes / 8e6;
