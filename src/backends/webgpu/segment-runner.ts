import { wordsOf } from "../../core/dtype.ts";
import { sizeOf } from "../../core/shape.ts";
import type { HostCallback } from "../../plan/index.ts";
import { mapWork, type Flow, type Segment } from "./dispatch-list.ts";
import { PreparedList } from "./prepared-list.ts";
import type { RunTimes } from "./run-times.ts";
import type { Runtime } from "./runtime.ts";

/** A segment, ready for the device. */
export type Ready = Flow<PreparedList>;

/** A run that is under way. */
interface Walk {
  readonly arena: GPUBuffer;
  readonly times: RunTimes | undefined;
}

/** Encodes something. */
type Encode = (encoder: GPUCommandEncoder) => void;

/** Makes segments ready, and carries them out. */
export class SegmentRunner {
  readonly #runtime: Runtime;
  readonly #callbacks: readonly HostCallback[];

  constructor(runtime: Runtime, callbacks: readonly HostCallback[]) {
    this.#runtime = runtime;
    this.#callbacks = callbacks;
  }

  prepare(segments: readonly Segment[], arena: GPUBuffer, where: string): readonly Ready[] {
    const { device, pipelines, windowBytes } = this.#runtime;
    const ground = { device, pipelines, windowBytes, arena };
    return mapWork(segments, (work) => new PreparedList(ground, work, where));
  }

  /** Work that the device has now, or, where the host has a part in it, when that is done: between two copies. */
  run(
    ready: readonly Ready[],
    walk: Walk,
    copyIn: Encode,
    copyOut: Encode,
  ): Promise<void> | undefined {
    const [only, ...others] = ready;
    if (only?.kind === "work" && others.length === 0) {
      only.work.submit({ first: copyIn, last: copyOut, times: walk.times });
      return undefined;
    }
    this.#submit(copyIn);
    const running = this.#walk(ready, walk);
    if (running) return running.then(() => this.#submit(copyOut));
    this.#submit(copyOut);
    return undefined;
  }

  #submit(encode: Encode): void {
    const { device } = this.#runtime;
    const encoder = device.createCommandEncoder();
    encode(encoder);
    device.queue.submit([encoder.finish()]);
  }

  /** Segment after segment: at once as long as none needs the host. */
  #walk(segments: readonly Ready[], walk: Walk): Promise<void> | undefined {
    let pending: Promise<void> | undefined;
    for (const segment of segments) {
      if (pending) pending = pending.then(() => this.#enter(segment, walk));
      else pending = this.#enter(segment, walk);
    }
    return pending;
  }

  #enter(segment: Ready, walk: Walk): Promise<void> | undefined {
    switch (segment.kind) {
      case "work":
        segment.work.submit({ times: walk.times });
        return undefined;
      case "host":
        return this.#host(segment.callback, segment.addresses, walk.arena);
      case "cond":
        return this.#word(walk.arena, segment.index).then((wanted) => {
          const last = segment.branches.length - 1;
          return this.#walk(segment.branches[Math.min(Math.max(wanted, 0), last)], walk);
        });
      case "while":
        return this.#loop(segment, walk);
      default:
        return segment satisfies never;
    }
  }

  async #loop(
    { condition, predicate, body }: Extract<Ready, { readonly kind: "while" }>,
    walk: Walk,
  ): Promise<void> {
    for (;;) {
      await this.#walk(condition, walk);
      if ((await this.#word(walk.arena, predicate)) === 0) return;
      await this.#walk(body, walk);
    }
  }

  async #word(arena: GPUBuffer, at: number): Promise<number> {
    const [bytes] = await this.#runtime.readArena(arena, [{ at, bytes: 4 }]);
    return new Int32Array(bytes)[0];
  }

  async #host(callback: number, addresses: readonly number[], arena: GPUBuffer): Promise<void> {
    const { inputs, outputs, run } = this.#callbacks[callback];
    const ranges = inputs.map(({ shape }, i) => ({ at: addresses[i], bytes: 4 * sizeOf(shape) }));
    const read = await this.#runtime.readArena(arena, ranges);
    const operands = inputs.map((aval, i) => ({ aval, words: wordsOf(aval.dtype, read[i]) }));
    const results = outputs.map((aval) => ({
      aval,
      words: wordsOf(aval.dtype, new ArrayBuffer(4 * sizeOf(aval.shape))),
    }));
    run(operands, results);
    results.forEach(({ words }, i) => {
      const at = addresses[inputs.length + i];
      if (words.length > 0) this.#runtime.device.queue.writeBuffer(arena, at, words);
    });
  }
}
