import selectBranch from "../../../shaders/selectBranch.wgsl";
import type { Choice, DeviceWork, Dispatch } from "./dispatch-list.ts";

/** What a choice's kernel takes for a choice that stands in no other. */
const nowhere = 0xffff_ffff;
const threads = 64;
const gridWords = 3;

/** Workgroups of a piece of work. */
export interface Grid {
  readonly x: number;
  readonly y: number;
}

/** What is written down of a choice: its entries, and the word for what was chosen. */
interface Place {
  readonly first: number;
  readonly count: number;
  readonly state: number;
}

/**
 * How the choices of a list are carried out. Every dispatch in a branch takes its grid from a buffer, which the choice before it fills in; a
 * choice in a branch of another is always carried out, and chooses nothing where it is not reached.
 */
export class Choices {
  readonly grids: GPUBuffer;
  readonly #entries: GPUBuffer;
  /** First word of the grid of the dispatch at a place in the list. */
  readonly #grids: ReadonlyMap<number, number>;
  readonly #places = new Map<Choice, Place>();

  /** @param gridOf the workgroups of a dispatch */
  constructor(
    device: GPUDevice,
    work: readonly DeviceWork[],
    gridOf: (dispatch: Dispatch) => Grid,
  ) {
    const choices = work.filter((each) => each.kind === "choice");
    const conditional = [...work.entries()].flatMap(([place, each]) =>
      each.kind === "dispatch" && each.when ? [{ place, dispatch: each, when: each.when }] : [],
    );
    // What was chosen comes first, then the grids.
    this.#grids = new Map(
      conditional.map(({ place }, i) => [place, choices.length + i * gridWords]),
    );
    const entries: number[] = [];
    for (const [state, choice] of choices.entries()) {
      const first = entries.length / 4;
      for (const { place, dispatch, when } of conditional) {
        if (when.choice !== choice) continue;
        const { x, y } = gridOf(dispatch);
        entries.push(this.#grids.get(place) ?? 0, when.branch, x, y);
      }
      this.#places.set(choice, { first, count: entries.length / 4 - first, state });
    }
    const { STORAGE, INDIRECT, COPY_DST } = GPUBufferUsage;
    this.grids = device.createBuffer({
      size: 4 * (choices.length + gridWords * conditional.length),
      usage: STORAGE | INDIRECT,
    });
    this.#entries = device.createBuffer({
      size: Math.max(16, 4 * entries.length),
      usage: STORAGE | COPY_DST,
    });
    device.queue.writeBuffer(this.#entries, 0, new Uint32Array(entries));
  }

  /** First byte of the grid of a dispatch, if a choice gives it one. */
  offsetOf(place: number): number | undefined {
    const word = this.#grids.get(place);
    return word === undefined ? undefined : 4 * word;
  }

  /** Words of the table for a choice whose index is that word of its window. */
  words(choice: Choice, index: number): readonly number[] {
    const { first, count, state } = this.#placeOf(choice);
    const { when, branches } = choice;
    const outer = when ? [this.#placeOf(when.choice).state, when.branch] : [nowhere, 0];
    return [0, count, index, first, branches, state, ...outer];
  }

  /** Workgroups of the choice itself. */
  grid(choice: Choice): Grid {
    return { x: Math.max(1, Math.ceil(this.#placeOf(choice).count / threads)), y: 1 };
  }

  #placeOf(choice: Choice): Place {
    const place = this.#places.get(choice);
    if (!place) throw new Error("a choice of another list");
    return place;
  }

  /** What its kernel reads and writes behind the table and the arena. */
  bindings(): readonly GPUBindGroupEntry[] {
    return [
      { binding: 2, resource: { buffer: this.#entries } },
      { binding: 3, resource: { buffer: this.grids } },
    ];
  }

  destroy(): void {
    this.grids.destroy();
    this.#entries.destroy();
  }
}

/** The kernel of choices. */
export interface ChoiceKernel {
  readonly layout: GPUBindGroupLayout;
  readonly pipeline: GPUComputePipeline;
}

export function choiceKernel(device: GPUDevice): ChoiceKernel {
  const visibility = GPUShaderStage.COMPUTE;
  const layout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility, buffer: { type: "uniform", hasDynamicOffset: true } },
      { binding: 1, visibility, buffer: { type: "storage" } },
      { binding: 2, visibility, buffer: { type: "read-only-storage" } },
      { binding: 3, visibility, buffer: { type: "storage" } },
    ],
  });
  const module = device.createShaderModule({ code: selectBranch, label: "selectBranch" });
  const pipeline = device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main" },
  });
  return { layout, pipeline };
}
