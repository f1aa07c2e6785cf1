import type { Dispatch, Segment } from "../../src/backends/webgpu/dispatch-list.ts";
import { layOut } from "../../src/backends/webgpu/lay-out.ts";
import { gpuTarget } from "../../src/backends/webgpu/target.ts";
import { defaultFlags, planProgram } from "../../src/plan/index.ts";
import type { ModelSettings } from "../models.ts";
import { tracedStep } from "./traced-step.ts";

export interface DispatchParameters {
  readonly settings: ModelSettings;
  /** Limits of a device, in bytes. */
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

/** Of one kernel, all elementwise ones taken together. */
export interface KernelDispatches {
  readonly kernel: string;
  /** As the plan calls it, one after another. */
  readonly calls: number;
  /** Merged as far as they do not wait for one another. */
  readonly merged: number;
  /** With spare memory for iterations side by side. */
  readonly dispatches: number;
}

export interface Dispatches {
  readonly plannedBytes: number;
  readonly spareBytes: number;
  /** Bytes that the steps of the plan read and write. */
  readonly movedBytes: number;
  readonly kernels: readonly KernelDispatches[];
}

/** The kernel calls of a training step on a device with such limits, which need not be there. */
export async function measureDispatches({
  settings,
  maxBufferSize,
  maxStorageBufferBindingSize,
}: DispatchParameters): Promise<Dispatches> {
  const { target, kernelOf } = gpuTarget();
  const plan = planProgram(await tracedStep(settings), target, defaultFlags);
  const room = {
    mostBytes: maxBufferSize,
    windowBytes: maxStorageBufferBindingSize,
    merges: true,
  };
  const plain = layOut(plan, kernelOf, { ...room, spareBytes: 0, merges: false });
  const merged = layOut(plan, kernelOf, { ...room, spareBytes: 0 });
  const full = layOut(plan, kernelOf, room);
  const [calls, some, fewest] = [plain, merged, full].map(({ segments }) => byKernel(segments));
  return {
    plannedBytes: full.neededBytes,
    spareBytes: full.spareBytes,
    movedBytes: plan.main.bytes,
    kernels: [...calls].map(([kernel, count]) => ({
      kernel,
      calls: count,
      merged: some.get(kernel) ?? 0,
      dispatches: fewest.get(kernel) ?? 0,
    })),
  };
}

function byKernel(segments: readonly Segment[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kernel } of segments.flatMap(dispatchesOf)) {
    const [name] = kernel.name.split(/ ?\(/);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

const dispatchesOf = (segment: Segment): readonly Dispatch[] =>
  segment.kind === "work"
    ? segment.work.flatMap((each) => (each.kind === "dispatch" ? [each] : []))
    : [];
