import type { Step } from "./step.ts";
import type { Place, Storage } from "./storage.ts";

/** First and last step at which a storage holds something that matters, both included. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * Storages joined into groups that share memory, with the steps at which each group is alive.
 * Inputs are alive from step -1; outputs to the step after the last.
 */
export class Groups {
  readonly #parent: number[];
  readonly #start: number[];
  readonly #end: number[];
  readonly #guard: (Storage | undefined)[];
  readonly #storages: readonly Storage[];

  constructor(storages: readonly Storage[], intervals: readonly Interval[]) {
    this.#storages = storages;
    this.#parent = storages.map((_, id) => id);
    this.#start = intervals.map(({ start }) => start);
    this.#end = intervals.map(({ end }) => end);
    this.#guard = storages.map(({ guard }) => guard);
  }

  /** The storage that stands for the group. */
  rootOf(storage: Storage): Storage {
    let id = storage.id;
    while (this.#parent[id] !== id) id = this.#parent[id] = this.#parent[this.#parent[id]];
    return this.#storages[id];
  }

  intervalOf(storage: Storage): Interval {
    const { id } = this.rootOf(storage);
    return { start: this.#start[id], end: this.#end[id] };
  }

  /** The carry in whose memory the group lies, if any: see {@link Storage.guard}. */
  guardOf(storage: Storage): Storage | undefined {
    return this.#guard[this.rootOf(storage).id];
  }

  same(a: Storage, b: Storage): boolean {
    return this.rootOf(a) === this.rootOf(b);
  }

  /** Joins two groups; the second one's root stands for both. */
  join(a: Storage, b: Storage): void {
    const from = this.rootOf(a).id;
    const to = this.rootOf(b).id;
    this.#parent[from] = to;
    this.#start[to] = Math.min(this.#start[to], this.#start[from]);
    this.#end[to] = Math.max(this.#end[to], this.#end[from]);
    this.#guard[to] ??= this.#guard[from];
  }

  /** One storage of each group. */
  roots(): readonly Storage[] {
    return this.#storages.filter((storage) => this.#parent[storage.id] === storage.id);
  }
}

/** Live intervals of every storage on its own. */
export function liveIntervals(
  storages: readonly Storage[],
  steps: readonly Step[],
  inputs: readonly Storage[],
  outputs: readonly Storage[],
): readonly Interval[] {
  const start = storages.map(() => Number.POSITIVE_INFINITY);
  const end = storages.map(() => Number.NEGATIVE_INFINITY);
  const touch = (storage: Storage, step: number): void => {
    start[storage.id] = Math.min(start[storage.id], step);
    end[storage.id] = Math.max(end[storage.id], step);
  };
  for (const storage of inputs) touch(storage, -1);
  steps.forEach((step, index) => {
    for (const { storage } of step.reads) touch(storage, index);
    for (const storage of step.writes) touch(storage, index);
    for (const storage of step.temporaries) touch(storage, index);
  });
  for (const storage of outputs) touch(storage, steps.length);
  return storages.map((_, id) => ({ start: start[id], end: end[id] }));
}

/** True when the step reads the group of `place` through this operand alone. */
export const readsOnce = (groups: Groups, step: Step, { storage }: Place): boolean =>
  step.reads.filter((read) => groups.same(read.storage, storage)).length === 1;
