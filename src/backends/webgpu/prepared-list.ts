import type { StepInfo } from "../../plan/index.ts";
import { Choices, choiceKernel, type ChoiceKernel, type Grid } from "./choices.ts";
import type { Choice, DeviceWork, Dispatch, Job } from "./dispatch-list.ts";
import type { Pipelines } from "./pipelines.ts";
import type { RunTimes } from "./run-times.ts";
import { dispatchWords, reachWords, tableWords, workgroupSizeOf } from "./wgsl/kernel-text.ts";
import { windowsOf, type Window } from "./windows.ts";

/** Where the work of a list is done. */
export interface Ground {
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  readonly arena: GPUBuffer;
  /** Most bytes of the arena that one binding reaches. */
  readonly windowBytes: number;
}

/** A piece of work in the device's terms. */
interface Prepared extends Grid {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** Where its words stand in the table, in bytes. */
  readonly offset: number;
  /** Where its grid stands among those that choices fill in, in bytes, where a choice does. */
  readonly indirect: number | undefined;
  readonly info: StepInfo | undefined;
}

/** How a list is handed over: behind what `first` encodes, before what `last` does. */
export interface Submission {
  readonly first?: (encoder: GPUCommandEncoder) => void;
  readonly last?: (encoder: GPUCommandEncoder) => void;
  /** Present where somebody wants to know how long everything takes. */
  readonly times: RunTimes | undefined;
}

/** Grids have at most 65,535 workgroups along an axis. */
const mostAlongAxis = 32_768;

/** So much work goes to the device at a time, so that it computes while the next is written down. */
const workPerSubmit = 1000;

/**
 * Work made ready once: pipelines, bind groups, and a table of all parameters, which no run changes.
 */
export class PreparedList {
  readonly #device: GPUDevice;
  readonly #prepared: readonly Prepared[];
  readonly #table: GPUBuffer;
  readonly #choices: Choices | undefined;

  constructor(ground: Ground, work: readonly DeviceWork[], where: string) {
    const { device } = ground;
    this.#device = device;
    this.#choices = work.some(({ kind }) => kind === "choice")
      ? new Choices(device, work, gridOf)
      : undefined;
    const words = work.map((each) => this.#wordsOf(ground, each, where));
    const offsets: number[] = [];
    let end = 0;
    for (const { table } of words) {
      offsets.push(end);
      end += Math.ceil(table.length / tableWords) * tableWords;
    }
    // The last dispatch reaches as far as all others.
    const table = new Uint32Array(end + reachWords);
    words.forEach((each, place) => table.set(each.table, offsets[place]));
    this.#table = device.createBuffer({
      size: table.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    const groups = new BindGroups(ground, this.#table);
    const choose = this.#choices && choiceKernel(device);
    this.#prepared = work.map((each, place): Prepared => {
      const { windows, indices } = words[place];
      const ready =
        each.kind === "choice"
          ? this.#choice(ground, each, choose, windows[0])
          : {
              pipeline: ground.pipelines.pipeline(each, indices),
              group: groups.of(windows),
              grid: gridOf(each),
            };
      return {
        ...ready.grid,
        pipeline: ready.pipeline,
        group: ready.group,
        offset: 4 * offsets[place],
        indirect: this.#choices?.offsetOf(place),
        info: each.kind === "dispatch" ? each.info : undefined,
      };
    });
    device.queue.writeBuffer(this.#table, 0, table);
  }

  /** Hands all work to the device. */
  submit({ first, last, times }: Submission): void {
    const { length } = this.#prepared;
    for (let begin = 0; begin < length; begin += workPerSubmit) {
      const end = Math.min(length, begin + workPerSubmit);
      const encode = (encoder: GPUCommandEncoder): void => {
        if (begin === 0) first?.(encoder);
        if (times) this.#encodeTimed(encoder, begin, end, times);
        else this.#encode(encoder, begin, end);
        if (end === length) last?.(encoder);
      };
      if (times) times.submit(workPerSubmit, encode);
      else this.#submit(encode);
    }
  }

  destroy(): void {
    this.#table.destroy();
    this.#choices?.destroy();
  }

  #submit(encode: (encoder: GPUCommandEncoder) => void): void {
    const encoder = this.#device.createCommandEncoder();
    encode(encoder);
    this.#device.queue.submit([encoder.finish()]);
  }

  /** A pass for each piece of work: only passes are timed. */
  #encodeTimed(encoder: GPUCommandEncoder, begin: number, end: number, times: RunTimes): void {
    for (let i = begin; i < end; i++)
      this.#encode(encoder, i, i + 1, times.pass(this.#prepared[i].info));
  }

  #encode(
    encoder: GPUCommandEncoder,
    begin: number,
    end: number,
    descriptor?: GPUComputePassDescriptor,
  ): void {
    const pass = encoder.beginComputePass(descriptor);
    let current: GPUComputePipeline | undefined;
    for (let i = begin; i < end; i++) {
      const { pipeline, group, offset, indirect, x, y } = this.#prepared[i];
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, group, [offset]);
      if (indirect === undefined || !this.#choices) pass.dispatchWorkgroups(x, y);
      else pass.dispatchWorkgroupsIndirect(this.#choices.grids, indirect);
    }
    pass.end();
  }

  /** What the table says of a piece of work, and the windows through which it reaches the arena. */
  #wordsOf({ arena, windowBytes }: Ground, work: DeviceWork, where: string) {
    if (work.kind === "choice") {
      const bytes = 4 * tableWords;
      const begin = Math.floor(work.index / bytes) * bytes;
      const table = this.#choices?.words(work, (work.index - begin) / 4) ?? [];
      return { table, windows: [{ begin, size: bytes }], indices: [0] };
    }
    const name = work.info?.name ?? where;
    const { windows, indices } = windowsOf(work.reach, arena.size, windowBytes, name);
    const jobs = work.jobs.map((job) => ({
      groups: groupsOf(work, job),
      count: job.count,
      addresses: job.operands.map(({ begin }, k) => (begin - windows[indices[k]].begin) / 4),
      numbers: job.numbers,
    }));
    return { table: dispatchWords(jobs), windows, indices };
  }

  #choice(
    { device, arena }: Ground,
    choice: Choice,
    kernel: ChoiceKernel | undefined,
    { begin, size }: Window,
  ) {
    const choices = this.#choices;
    if (!choices || !kernel) throw new Error("a choice without choices");
    const group = device.createBindGroup({
      layout: kernel.layout,
      entries: [
        { binding: 0, resource: { buffer: this.#table, size: 4 * tableWords } },
        { binding: 1, resource: { buffer: arena, offset: begin, size } },
        ...choices.bindings(),
      ],
    });
    return { pipeline: kernel.pipeline, group, grid: choices.grid(choice) };
  }
}

/** Workgroups of one call. */
function groupsOf({ kernel, constants }: Dispatch, { count }: Job): number {
  const perGroup = kernel.granularity === "groups" ? 1 : workgroupSizeOf(kernel, constants);
  return Math.ceil(count / perGroup);
}

/** Workgroups of a dispatch, in two dimensions where one does not suffice. */
function gridOf(dispatch: Dispatch): Grid {
  const total = dispatch.jobs.reduce((sum, job) => sum + groupsOf(dispatch, job), 0);
  const x = Math.min(total, mostAlongAxis);
  return { x, y: Math.ceil(total / x) };
}

/** One bind group for each set of windows. */
class BindGroups {
  readonly #ground: Ground;
  readonly #table: GPUBuffer;
  readonly #groups = new Map<string, GPUBindGroup>();

  constructor(ground: Ground, table: GPUBuffer) {
    this.#ground = ground;
    this.#table = table;
  }

  of(windows: readonly Window[]): GPUBindGroup {
    const key = windows.map(({ begin, size }) => `${begin}+${size}`).join();
    const known = this.#groups.get(key);
    if (known) return known;
    const { device, pipelines, arena } = this.#ground;
    const made = device.createBindGroup({
      layout: pipelines.layout(windows.length),
      entries: [
        { binding: 0, resource: { buffer: this.#table, size: 4 * reachWords } },
        ...windows.map(({ begin, size }, i) => ({
          binding: i + 1,
          resource: { buffer: arena, offset: begin, size },
        })),
      ],
    });
    this.#groups.set(key, made);
    return made;
  }
}
