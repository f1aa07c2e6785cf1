import { formatAvals, sameArrayType } from "../../core/aval.ts";
import { wordsOf } from "../../core/dtype.ts";
import { BackendError } from "../../core/errors.ts";
import { Outcome } from "../../core/outcome.ts";
import { sizeOf } from "../../core/shape.ts";
import { isHostStorage } from "../../core/storage.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Executable, ExecutableReport } from "../../ir/backend.ts";
import { planReport, type ExecutionPlan, type Location } from "../../plan/index.ts";
import { GpuStorage } from "./device-storage.ts";
import type { Segment } from "./dispatch-list.ts";
import { PreparedList } from "./prepared-list.ts";
import { record, type KernelTable } from "./record.ts";
import type { Runtime } from "./runtime.ts";
import type { Uploads } from "./uploads.ts";

/** A segment, ready for the device. */
type Ready =
  | { readonly kind: "list"; readonly list: PreparedList }
  | Exclude<Segment, { readonly kind: "work" | "cond" | "while" }>
  | {
      readonly kind: "cond";
      readonly index: number;
      readonly branches: readonly (readonly Ready[])[];
    }
  | {
      readonly kind: "while";
      readonly condition: readonly Ready[];
      readonly predicate: number;
      readonly body: readonly Ready[];
    };

/** What is known once the arena is there. */
interface Loaded {
  readonly arena: GPUBuffer;
  readonly ready: readonly Ready[];
}

/** The buffers that a run reads and writes, in the order of the plan's inputs and outputs. */
interface RunBuffers {
  readonly inputs: readonly (GPUBuffer | undefined)[];
  readonly outputs: readonly GPUBuffer[];
}

const align = (bytes: number): number => Math.ceil(bytes / 256) * 256;

/** A plan as a list of dispatches over the backend's arena: the frame, and the constants behind it. */
export class GpuExecutable implements Executable {
  readonly report: ExecutableReport;
  readonly #plan: ExecutionPlan;
  readonly #runtime: Runtime;
  readonly #uploads: Uploads;
  readonly #constants: number;
  readonly #arenaBytes: number;
  readonly #segments: readonly Segment[];
  #loaded: Loaded | undefined;
  /** The first run asks the device whether it understood everything. */
  #isChecked = false;

  constructor(plan: ExecutionPlan, runtime: Runtime, uploads: Uploads, kernelOf: KernelTable) {
    this.#plan = plan;
    this.#runtime = runtime;
    this.#uploads = uploads;
    this.#constants = align(plan.main.frameBytes);
    this.#arenaBytes = align(this.#constants + Math.max(4, plan.constants.byteLength));
    const where = plan.main.name;
    runtime.arena.check({ bytes: this.#arenaBytes, where, largest: plan.main.largest });
    this.#segments = record(plan, { frame: 0, constants: this.#constants }, kernelOf);
    this.report = planReport(plan, runtime.name);
  }

  run(inputs: readonly Tensor[], donated: readonly boolean[], where: string): readonly Tensor[] {
    const runtime = this.#runtime;
    runtime.lifetime.check(where);
    this.#checkInputs(inputs, where);
    // Asked even where nothing reads them: a donated tensor must be refused.
    const storages = inputs.map(({ storage }) => storage);
    const sources = this.#plan.inputs.map(({ at, bytes }, i) =>
      at ? this.#uploads.storageOf(storages[i], bytes, where) : undefined,
    );
    const outcome = new Outcome(sources.map((source) => source?.outcome.pending));
    const outputs = this.#plan.outputs.map(
      ({ aval, bytes }) => new GpuStorage(runtime, runtime.pool, aval.dtype, bytes, outcome),
    );
    const held = [...sources.flatMap((source) => source ?? []), ...outputs].map((storage) =>
      storage.hold(),
    );
    const buffers: RunBuffers = {
      inputs: sources.map((source) => source?.buffer),
      outputs: outputs.map(({ buffer }) => buffer),
    };
    const endCheck = this.#isChecked ? undefined : this.#beginCheck();
    try {
      const pending = runtime.schedule.add(() => this.#execute(buffers, where));
      if (pending)
        this.#depend(
          outcome,
          pending.finally(() => held.forEach((end) => end())),
        );
      else held.forEach((end) => end());
    } catch (error) {
      [...held, ...outputs.map((output) => () => output.release())].forEach((end) => end());
      throw error;
    } finally {
      const checked = endCheck?.(where);
      if (checked) this.#depend(outcome, checked);
    }
    inputs.forEach((tensor, i) => {
      if (!donated[i] || tensor.isDonated) return;
      const storage = tensor.donate(where);
      if (!isHostStorage(storage)) storage.release();
    });
    return this.#plan.outputs.map(({ aval }, i) => new Tensor(aval, outputs[i]));
  }

  #depend(outcome: Outcome, pending: Promise<unknown>): void {
    outcome.require(pending);
    this.#runtime.watch(pending);
  }

  #checkInputs(inputs: readonly Tensor[], where: string): void {
    const expected = this.#plan.inputs.map(({ aval }) => aval);
    const got = inputs.map(({ aval }) => aval);
    if (got.length === expected.length && got.every((aval, i) => sameArrayType(aval, expected[i])))
      return;
    throw new BackendError("the inputs are not those of the compiled program", {
      where,
      expected: formatAvals(expected),
      got: formatAvals(got),
    });
  }

  /** Work that the device has now, or, where the host has a part in it, when that is done. */
  #execute({ inputs, outputs }: RunBuffers, where: string): Promise<void> | undefined {
    this.#runtime.lifetime.check(where);
    const { arena, ready } = this.#load(where);
    const copyIn = (encoder: GPUCommandEncoder): void =>
      this.#plan.inputs.forEach(({ at, bytes }, i) => {
        const source = inputs[i];
        if (!at || !source || bytes === 0) return;
        encoder.copyBufferToBuffer(source, 0, arena, this.#address(at), bytes);
      });
    const copyOut = (encoder: GPUCommandEncoder): void =>
      this.#plan.outputs.forEach(({ at, bytes }, i) => {
        if (!at || bytes === 0) return;
        encoder.copyBufferToBuffer(arena, this.#address(at), outputs[i], 0, bytes);
      });
    const [only, ...others] = ready;
    if (only?.kind === "list" && others.length === 0) {
      only.list.submit(copyIn, copyOut);
      return undefined;
    }
    this.#submit(copyIn);
    const running = this.#walk(ready, arena);
    if (running) return running.then(() => this.#submit(copyOut));
    this.#submit(copyOut);
    return undefined;
  }

  #submit(encode: (encoder: GPUCommandEncoder) => void): void {
    const { device } = this.#runtime;
    const encoder = device.createCommandEncoder();
    encode(encoder);
    device.queue.submit([encoder.finish()]);
  }

  /** Segment after segment: at once as long as none needs the host. */
  #walk(segments: readonly Ready[], arena: GPUBuffer): Promise<void> | undefined {
    let pending: Promise<void> | undefined;
    for (const segment of segments) {
      if (pending) pending = pending.then(() => this.#enter(segment, arena));
      else pending = this.#enter(segment, arena);
    }
    return pending;
  }

  #enter(segment: Ready, arena: GPUBuffer): Promise<void> | undefined {
    switch (segment.kind) {
      case "list":
        segment.list.submit();
        return undefined;
      case "host":
        return this.#host(segment.callback, segment.addresses, arena);
      case "cond":
        return this.#word(arena, segment.index).then((wanted) => {
          const last = segment.branches.length - 1;
          return this.#walk(segment.branches[Math.min(Math.max(wanted, 0), last)], arena);
        });
      case "while":
        return this.#loop(segment, arena);
      default:
        return segment satisfies never;
    }
  }

  async #loop(
    { condition, predicate, body }: Extract<Ready, { readonly kind: "while" }>,
    arena: GPUBuffer,
  ): Promise<void> {
    for (;;) {
      await this.#walk(condition, arena);
      if ((await this.#word(arena, predicate)) === 0) return;
      await this.#walk(body, arena);
    }
  }

  async #word(arena: GPUBuffer, at: number): Promise<number> {
    const [bytes] = await this.#runtime.readArena(arena, [{ at, bytes: 4 }]);
    return new Int32Array(bytes)[0];
  }

  async #host(callback: number, addresses: readonly number[], arena: GPUBuffer): Promise<void> {
    const { inputs, outputs, run } = this.#plan.callbacks[callback];
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

  #load(where: string): Loaded {
    const { arena, device } = this.#runtime;
    const { constants } = this.#plan;
    const buffer = arena.reserve(this.#arenaBytes);
    if (this.#loaded?.arena !== buffer) {
      this.#loaded = { arena: buffer, ready: this.#prepare(this.#segments, buffer, where) };
    }
    if (arena.loaded !== this && constants.length > 0) {
      device.queue.writeBuffer(buffer, this.#constants, constants);
    }
    arena.loaded = this;
    return this.#loaded;
  }

  #prepare(segments: readonly Segment[], arena: GPUBuffer, where: string): readonly Ready[] {
    const { device, pipelines, windowBytes } = this.#runtime;
    const ground = { device, pipelines, windowBytes, arena };
    const prepare = (list: readonly Segment[]): readonly Ready[] =>
      list.map((segment): Ready => {
        switch (segment.kind) {
          case "work":
            return { kind: "list", list: new PreparedList(ground, segment.work, where) };
          case "cond":
            return { ...segment, branches: segment.branches.map(prepare) };
          case "while":
            return {
              ...segment,
              condition: prepare(segment.condition),
              body: prepare(segment.body),
            };
          default:
            return segment;
        }
      });
    return prepare(segments);
  }

  #address({ space, offset }: Location): number {
    return (space === "frame" ? 0 : this.#constants) + offset;
  }

  /** From here on the device says what it did not understand, until what is returned is called. */
  #beginCheck(): (where: string) => Promise<void> {
    this.#isChecked = true;
    const { device, pipelines } = this.#runtime;
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    return async (where) => {
      const scopes = [device.popErrorScope(), device.popErrorScope()];
      const [invalid, outOfMemory] = await Promise.all(scopes);
      const error = invalid ?? outOfMemory;
      if (!error) return;
      const text = invalid ? await pipelines.firstError() : undefined;
      throw new BackendError(
        invalid ? "the device refused the program" : "the device has no memory for the program",
        {
          where,
          got: text ?? error.message,
          fix: invalid
            ? "This is a fault of reformax, or of the driver: please report it with the adapter's name."
            : "Work on smaller batches or chunks, or end other programs that use the device.",
        },
      );
    };
  }
}
