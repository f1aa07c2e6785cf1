import { BackendError } from "../../core/errors.ts";
import type {
  ExecutionPlan,
  Location,
  PlacedCall,
  PlacedControl,
  PlanFunction,
  StepInfo,
} from "../../plan/index.ts";
import {
  choose,
  deviceWorkOf,
  mapWork,
  type DeviceWork,
  type OperandRange,
  type Segment,
} from "./dispatch-list.ts";
import { framesOf, type Spare } from "./spare-frames.ts";
import type { ChosenKernel, KernelSource } from "./wgsl/kernel-source.ts";

/** More dispatches than that make a run slow to encode; many more, impossible. */
const manyDispatches = 50_000;
const mostDispatches = 250_000;

/** Where a plan lies in the arena, in bytes. */
export interface Places {
  readonly frame: number;
  readonly constants: number;
  /** Memory for iterations of loops that run side by side. */
  readonly spare: Spare;
}

/** The kernels that the calls of a plan name. */
export type KernelTable = (call: PlacedCall) => KernelSource;

/** What a running function knows. */
interface Here {
  readonly frame: number;
  readonly parameters: readonly number[];
  readonly spare: Spare;
}

/**
 * Walks a plan once, as a run would, and writes down what there is to do.
 *
 * @throws BackendError where that is too much
 */
export function record(
  plan: ExecutionPlan,
  places: Places,
  kernelOf: KernelTable,
): readonly Segment[] {
  const recorder = new Recorder(places, kernelOf);
  const { frame, spare } = places;
  return recorder.function(plan.main, { frame, parameters: [], spare });
}

/** Dispatches of a run, those of a loop that the host decides once. */
export function dispatchesOf(segments: readonly Segment[]): number {
  let count = 0;
  mapWork(segments, ({ length }) => (count += length));
  return count;
}

/** What is to be said of so many dispatches. */
export function warningsOf(segments: readonly Segment[]): readonly string[] | undefined {
  const dispatches = dispatchesOf(segments);
  if (dispatches <= manyDispatches) return undefined;
  return [
    `one run takes ${dispatches} kernel calls, loops multiplied out, which the host is slow to write down ` +
      `(more than ${manyDispatches}). ${largerChunks}`,
  ];
}

class Recorder {
  readonly #places: Places;
  readonly #kernelOf: KernelTable;
  #count = 0;

  constructor(places: Places, kernelOf: KernelTable) {
    this.#places = places;
    this.#kernelOf = kernelOf;
  }

  function(callee: PlanFunction, here: Here): readonly Segment[] {
    const segments: Segment[] = [];
    this.#walk(callee, here, new SegmentList(segments));
    return segments;
  }

  #walk({ steps }: PlanFunction, here: Here, list: SegmentList): void {
    for (const { body, info } of steps) {
      if (body.kind === "kernel") this.#kernel(body, here, list, info);
      else if (body.kind === "host") {
        const addresses = body.buffers.map((at) => this.#address(here, at));
        list.add({ kind: "host", callback: body.callback, addresses });
      } else this.#control(body, here, list);
    }
  }

  #kernel(call: PlacedCall, here: Here, list: SegmentList, info?: StepInfo): void {
    const operands = call.buffers.map(({ at, bytes }): OperandRange => {
      const begin = this.#address(here, at);
      return { begin, end: begin + bytes };
    });
    const { kernel, immediates } = this.#chosen(call, operands);
    const count = kernel.count(immediates);
    if (count === 0) return;
    if (++this.#count > mostDispatches) throw tooMany();
    const { length } = kernel.constants;
    list.work([
      {
        kind: "dispatch",
        kernel,
        constants: immediates.slice(0, length),
        jobs: [{ numbers: immediates.slice(length), operands, count }],
        reach: operands,
        info,
      },
    ]);
  }

  /** The kernel of a call, or its twin that takes four words at a time. */
  #chosen(call: PlacedCall, operands: readonly OperandRange[]): ChosenKernel {
    const { immediates } = call;
    const kernel = this.#kernelOf(call);
    const words = operands.map(({ begin }) => begin / 4);
    return kernel.wide?.({ immediates, words }) ?? { kernel, immediates };
  }

  #control(body: PlacedControl, here: Here, list: SegmentList): void {
    const frame = here.frame + body.frame;
    const { spare } = here;
    const address = (at: Location): number => this.#address(here, at);
    switch (body.kind) {
      case "call": {
        const parameters = body.arguments.map(address);
        this.#walk(body.callee, { frame, parameters, spare }, list);
        return;
      }
      case "scan": {
        const frames = framesOf(body, frame, spare);
        for (let i = 0; i < body.iterations; i++) {
          const parameters = body.arguments.map(({ at, stride }) => address(at) + i * stride);
          this.#walk(body.callee, { ...frames[i % frames.length], parameters }, list);
        }
        return;
      }
      case "cond": {
        const parameters = body.arguments.map(address);
        const branches = body.branches.map((branch) =>
          this.function(branch, { frame, parameters, spare }),
        );
        const onDevice = branches.flatMap((branch) => {
          const work = deviceWorkOf(branch);
          return work ? [work] : [];
        });
        if (onDevice.length === branches.length) list.work(choose(address(body.index), onDevice));
        else list.add({ kind: "cond", index: address(body.index), branches });
        return;
      }
      case "while": {
        const { condition, callee, conditionArguments } = body;
        list.add({
          kind: "while",
          condition: this.function(condition, {
            frame,
            parameters: conditionArguments.map(address),
            spare,
          }),
          predicate: address(body.predicate),
          body: this.function(callee, { frame, parameters: body.arguments.map(address), spare }),
        });
        return;
      }
      default:
        body satisfies never;
    }
  }

  #address({ frame, parameters }: Here, at: Location): number {
    switch (at.space) {
      case "frame":
        return frame + at.offset;
      case "constants":
        return this.#places.constants + at.offset;
      case "parameter":
        return parameters[at.index] + at.offset;
      default:
        return at satisfies never;
    }
  }
}

/** Neighbouring work of the device is one segment. */
class SegmentList {
  readonly #segments: Segment[];
  #open: DeviceWork[] | undefined;

  constructor(segments: Segment[]) {
    this.#segments = segments;
  }

  work(work: readonly DeviceWork[]): void {
    if (!this.#open) {
      this.#open = [];
      this.#segments.push({ kind: "work", work: this.#open });
    }
    this.#open.push(...work);
  }

  add(segment: Segment): void {
    this.#open = undefined;
    this.#segments.push(segment);
  }
}

const tooMany = (): BackendError =>
  new BackendError("the program has too many kernel calls for one run", {
    where: "webgpu",
    expected: `at most ${mostDispatches}, loops multiplied out`,
    fix: `${largerChunks} Or run parts of it one after another.`,
  });

const largerChunks = "Work on larger chunks: for a Reformer, raise feedForwardChunk and lossChunk.";
