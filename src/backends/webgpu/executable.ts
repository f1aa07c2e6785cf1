import { formatAvals, sameArrayType } from "../../core/aval.ts";
import { BackendError } from "../../core/errors.ts";
import { Outcome } from "../../core/outcome.ts";
import { releaseStorage } from "../../core/release.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Executable, ExecutableReport } from "../../ir/backend.ts";
import { planReport, type ExecutionPlan, type Location } from "../../plan/index.ts";
import { GpuStorage } from "./device-storage.ts";
import type { Segment } from "./dispatch-list.ts";
import { layOut } from "./lay-out.ts";
import { warningsOf, type KernelTable } from "./record.ts";
import { RunTimes } from "./run-times.ts";
import type { Runtime } from "./runtime.ts";
import { SegmentRunner, type Ready } from "./segment-runner.ts";
import type { Uploads } from "./uploads.ts";

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

/** A plan as a list of dispatches over the backend's arena: the frame, and the constants behind it. */
export class GpuExecutable implements Executable {
  readonly report: ExecutableReport;
  readonly #plan: ExecutionPlan;
  readonly #runtime: Runtime;
  readonly #uploads: Uploads;
  readonly #constants: number;
  readonly #arenaBytes: number;
  readonly #segments: readonly Segment[];
  readonly #runner: SegmentRunner;
  #loaded: Loaded | undefined;
  /** The first run asks the device whether it understood everything. */
  #isChecked = false;

  constructor(plan: ExecutionPlan, runtime: Runtime, uploads: Uploads, kernelOf: KernelTable) {
    this.#plan = plan;
    this.#runtime = runtime;
    this.#uploads = uploads;
    const { arena, windowBytes, spareBytes, merges } = runtime;
    const room = { mostBytes: arena.mostBytes, windowBytes, spareBytes, merges };
    const laidOut = layOut(plan, kernelOf, room);
    const { main } = plan;
    arena.check({ bytes: laidOut.neededBytes, where: main.name, largest: main.largest });
    this.#constants = laidOut.constants;
    this.#arenaBytes = laidOut.arenaBytes;
    this.#segments = laidOut.segments;
    this.#runner = new SegmentRunner(runtime, plan.callbacks);
    const report = planReport(plan, runtime.name);
    const warnings = warningsOf(this.#segments);
    this.report = Object.assign(
      report,
      { peakBytes: report.peakBytes + laidOut.spareBytes },
      warnings && { warnings },
    );
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
    const { profile } = runtime;
    const times = profile && new RunTimes(runtime.device);
    const isDue = runtime.checks || !this.#isChecked;
    const endCheck = isDue ? this.#beginCheck() : undefined;
    try {
      const pending = runtime.schedule.add(() => this.#execute(buffers, where, times));
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
      if (donated[i] && !tensor.isDonated) releaseStorage(tensor.donate(where));
    });
    if (times) runtime.tell(times, outcome, where);
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
  #execute(
    { inputs, outputs }: RunBuffers,
    where: string,
    times: RunTimes | undefined,
  ): Promise<void> | undefined {
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
    return this.#runner.run(ready, { arena, times }, copyIn, copyOut);
  }

  #load(where: string): Loaded {
    const { arena, device } = this.#runtime;
    const { constants } = this.#plan;
    const buffer = arena.reserve(this.#arenaBytes);
    if (this.#loaded?.arena !== buffer) {
      this.#loaded = { arena: buffer, ready: this.#runner.prepare(this.#segments, buffer, where) };
    }
    if (arena.loaded !== this && constants.length > 0) {
      device.queue.writeBuffer(buffer, this.#constants, constants);
    }
    arena.loaded = this;
    return this.#loaded;
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
