import type { PlanContext } from "./context.ts";
import { base, opcode } from "./opcodes.ts";
import type { StepInfo } from "./plan.ts";
import type { HostBody, KernelCall, LinkedBody, Step } from "./step.ts";
import type { Place, Storage } from "./storage.ts";

/** Where a storage lies: entry of the base table and byte offset. */
export type Locate = (storage: Storage) => { readonly base: number; readonly offset: number };

const largestWork = 0x7fffffff;

/** Work that is worth a share of its own: some 20 us. */
const workPerShare = 65536;

/** Bits of a NaN that no operation makes: poison is recognised in a debugger. */
const poisonBits = 0x7fc0dead;

/** Writes the words of one function's steps behind the code of its callees. */
export class Encoder {
  readonly #context: PlanContext;
  readonly #locate: Locate;
  readonly #within: string;
  readonly infos: StepInfo[] = [];

  constructor(context: PlanContext, locate: Locate, within: string) {
    this.#context = context;
    this.#locate = locate;
    this.#within = within;
  }

  step(step: Step): void {
    const { body } = step;
    if (body.kind !== "kernels") {
      this.#record(step, body.kind, step.flops, step.bytes);
      if (body.kind === "host") this.#host(body);
      else this.#control(body);
      return;
    }
    const calls = body.calls.filter((call) => !this.#isVoid(call));
    for (const call of calls) {
      const flops = call.flops ?? step.flops / calls.length;
      this.#record(step, call.kernel, flops, step.bytes / calls.length);
      this.#kernel(call, step.name);
    }
  }

  /** Overwrites words of the frame with NaNs. */
  poison(offset: number, words: number): void {
    if (words === 0) return;
    const code = this.#context.opcodeOf("fill", "poison");
    this.#push(code, [words, 1, 1, base.frame, offset, 0, words, poisonBits]);
  }

  end(): void {
    this.#push(opcode.return, []);
  }

  /** A copy onto itself, which in-place execution leaves behind. */
  #isVoid({ kernel, buffers }: KernelCall): boolean {
    if (kernel !== "copyWords") return false;
    const [from, to] = buffers.map((place) => this.#words(place));
    return from[0] === to[0] && from[1] === to[1];
  }

  #kernel({ kernel, buffers, immediates, work, mostShares }: KernelCall, where: string): void {
    const { parts, threads } = this.#context.target;
    const most = Math.min(parts, mostShares ?? parts);
    this.#push(this.#context.opcodeOf(kernel, where), [
      Math.min(Math.max(work, 1), largestWork),
      Math.min(most, Math.max(threads, Math.floor(work / workPerShare))),
      buffers.length,
      ...buffers.flatMap((place) => this.#words(place)),
      ...buffers.map(() => 0),
      ...immediates,
    ]);
  }

  #host({ callback, buffers }: HostBody): void {
    this.#push(opcode.host, [
      callback,
      buffers.length,
      ...buffers.flatMap((place) => this.#words(place)),
      ...buffers.map(() => 0),
    ]);
  }

  #control(body: LinkedBody): void {
    switch (body.kind) {
      case "call":
        this.#push(opcode.call, [
          body.callee.start,
          this.#words(body.frame)[1],
          body.arguments.length,
          ...body.arguments.flatMap((place) => this.#words(place)),
        ]);
        return;
      case "scan":
        this.#push(opcode.scan, [
          body.callee.start,
          this.#words(body.frame)[1],
          body.iterations,
          body.arguments.length,
          ...body.arguments.flatMap(({ place, stride }) => [...this.#words(place), stride * 4]),
        ]);
        return;
      case "cond":
        this.#push(opcode.cond, [
          ...this.#words(body.index),
          this.#words(body.frame)[1],
          body.branches.length,
          ...body.branches.map(({ start }) => start),
          body.arguments.length,
          ...body.arguments.flatMap((place) => this.#words(place)),
        ]);
        return;
      case "while":
        this.#push(opcode.while, [
          body.condition.start,
          body.callee.start,
          this.#words(body.frame)[1],
          ...this.#words(body.predicate),
          body.conditionArguments.length,
          body.arguments.length,
          ...body.conditionArguments.flatMap((place) => this.#words(place)),
          ...body.arguments.flatMap((place) => this.#words(place)),
        ]);
        return;
      default:
        return body satisfies never;
    }
  }

  /** [base, byte offset] of a place. */
  #words({ storage, offset }: Place): readonly [number, number] {
    const { base, offset: start } = this.#locate(storage);
    return [base, start + offset * 4];
  }

  #push(code: number, words: readonly number[]): void {
    const { code: out } = this.#context;
    out.push(code, words.length + 2);
    for (const word of words) out.push(word);
  }

  #record({ name, writes }: Step, operation: string, flops: number, bytes: number): void {
    const results = writes
      .map((storage) => `${this.#words({ storage, offset: 0 }).join(":")}+${storage.words * 4}`)
      .join(" ");
    const start = this.#context.code.length;
    this.infos.push({ start, operation, within: this.#within, name, flops, bytes, results });
  }
}
