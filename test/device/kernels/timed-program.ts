/** A program's dispatches, repeated in one list over a buffer of its own, by the clock on the wall: nothing is copied in between. */
import { bytesOf } from "../../../src/core/aval.ts";
import type { DeviceWork, Dispatch } from "../../../src/backends/webgpu/dispatch-list.ts";
import { Pipelines } from "../../../src/backends/webgpu/pipelines.ts";
import { PreparedList, type Ground } from "../../../src/backends/webgpu/prepared-list.ts";
import { record } from "../../../src/backends/webgpu/record.ts";
import { noSpare } from "../../../src/backends/webgpu/spare-frames.ts";
import { gpuTarget, type TargetOptions } from "../../../src/backends/webgpu/target.ts";
import { stage } from "../../../src/ir/builder.ts";
import {
  defaultFlags,
  planProgram,
  planReport,
  type ExecutionPlan,
  type Location,
} from "../../../src/plan/index.ts";
import { median } from "../suite.ts";
import type { KernelCase } from "./cases.ts";
import type { Filled } from "./inputs.ts";

/** Constants of a kernel by name, in place of those that the backend would choose. */
export type Variant = Readonly<Record<string, number>>;

export interface Timing {
  /** Of the program once. */
  readonly milliseconds: number;
  readonly compileMilliseconds: number;
  readonly dispatches: number;
  readonly repeats: number;
  readonly flops: number;
  /** Bytes of inputs and results: the least that must be moved. */
  readonly bytes: number;
}

const align = (bytes: number): number => Math.ceil(bytes / 256) * 256;
const mostRepeats = 400;

/** A program in a buffer of its own, with the numbers that it works on. */
export interface PlacedProgram {
  readonly plan: ExecutionPlan;
  readonly work: readonly DeviceWork[];
  readonly ground: Ground;
  /** Where a result or an input lies in the buffer. */
  readonly addressOf: (at: Location) => number;
}

/** A case whose kernels have other constants where they have such. */
export function placeProgram(
  device: GPUDevice,
  pipelines: Pipelines,
  { inputs, compute }: Pick<KernelCase, "inputs" | "compute">,
  variant: Variant,
  options: TargetOptions = {},
): PlacedProgram {
  const { program } = stage(
    compute,
    inputs.map(({ aval }) => aval),
  );
  const { target, kernelOf } = gpuTarget(options);
  const plan = planProgram(program, target, defaultFlags);
  const constants = align(plan.main.frameBytes);
  const segments = record(plan, { frame: 0, constants, spare: noSpare }, kernelOf);
  const [segment, ...others] = segments;
  if (segment?.kind !== "work" || others.length > 0) throw new Error("the host has a part in it");
  const work = segment.work.map((each) => varied(each, variant));
  const arena = device.createBuffer({
    size: align(constants + Math.max(4, plan.constants.byteLength)),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  if (plan.constants.length > 0) device.queue.writeBuffer(arena, constants, plan.constants);
  const addressOf = ({ space, offset }: Location): number =>
    (space === "frame" ? 0 : constants) + offset;
  plan.inputs.forEach(({ at }, i) => {
    if (at) fill(device, arena, addressOf(at), inputs[i]);
  });
  const most = Math.floor(device.limits.maxStorageBufferBindingSize / 256) * 256;
  return { plan, work, ground: { device, pipelines, arena, windowBytes: most }, addressOf };
}

/** @param budget milliseconds that each of three measurements should take */
export async function timeProgram(
  device: GPUDevice,
  pipelines: Pipelines,
  each: KernelCase,
  variant: Variant,
  budget: number,
  options: TargetOptions = {},
): Promise<Timing> {
  const { plan, work, ground } = placeProgram(device, pipelines, each, variant, options);
  const begin = performance.now();
  const once = new PreparedList(ground, work, "kernels");
  const compileMilliseconds = performance.now() - begin;
  await elapsed(device, once);
  const first = await elapsed(device, once);
  once.destroy();
  const repeats = Math.min(mostRepeats, Math.max(1, Math.round(budget / first)));
  const again = new PreparedList(
    ground,
    Array.from({ length: repeats }, () => work).flat(),
    "again",
  );
  const times: number[] = [];
  for (let i = 0; i < 3; i++) times.push((await elapsed(device, again)) / repeats);
  again.destroy();
  ground.arena.destroy();
  return {
    milliseconds: median(times),
    compileMilliseconds,
    dispatches: work.length,
    repeats,
    flops: planReport(plan, "webgpu").flops,
    bytes: [...each.inputs, ...plan.outputs].reduce((sum, { aval }) => sum + bytesOf(aval), 0),
  };
}

async function elapsed(device: GPUDevice, list: PreparedList): Promise<number> {
  const begin = performance.now();
  list.submit({ times: undefined });
  await device.queue.onSubmittedWorkDone();
  return performance.now() - begin;
}

/** The same dispatch with other constants, where its kernel has such. */
function varied(work: DeviceWork, variant: Variant): DeviceWork {
  if (work.kind !== "dispatch" || !has(work, variant)) return work;
  const { kernel, constants, jobs } = work;
  const changed = kernel.constants.map(({ name }, i) => variant[name] ?? constants[i]);
  const counted = jobs.map((job) => ({
    ...job,
    count: kernel.count([...changed, ...job.numbers]),
  }));
  return { ...work, constants: changed, jobs: counted };
}

export const has = ({ kernel }: Dispatch, variant: Variant): boolean =>
  Object.keys(variant).every((name) => kernel.constants.some((each) => each.name === name));

function fill(device: GPUDevice, arena: GPUBuffer, at: number, { aval, words }: Filled): void {
  const bytes = bytesOf(aval);
  device.queue.writeBuffer(arena, at, words);
  const source = device.createBuffer({
    size: align(words.byteLength),
    usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(source, 0, words);
  const encoder = device.createCommandEncoder();
  for (let done = words.byteLength; done < bytes; done += words.byteLength) {
    const size = Math.min(words.byteLength, bytes - done);
    encoder.copyBufferToBuffer(source, 0, arena, at + done, size);
  }
  device.queue.submit([encoder.finish()]);
  source.destroy();
}
