import type { DraftStep } from "./step.ts";
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
  readonly #overwritten: boolean[];
  readonly #reserved: boolean[];
  readonly #storages: readonly Storage[];
  readonly #births: readonly number[];

  /** `overwritten`: storages whose last reader leaves something else there. */
  constructor(
    storages: readonly Storage[],
    intervals: readonly Interval[],
    overwritten: readonly Storage[],
  ) {
    this.#storages = storages;
    this.#births = intervals.map(({ start }) => start);
    this.#parent = storages.map((_, id) => id);
    this.#start = intervals.map(({ start }) => start);
    this.#end = intervals.map(({ end }) => end);
    this.#guard = storages.map(({ guard }) => guard);
    this.#reserved = storages.map(() => false);
    this.#overwritten = storages.map(() => false);
    for (const { id } of overwritten) this.#overwritten[id] = true;
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

  /** The carry or input in whose memory the group lies, if any: see {@link Storage.guard}. */
  guardOf(storage: Storage): Storage | undefined {
    return this.#guard[this.rootOf(storage).id];
  }

  /** The output is going to lie where the input lies: like a loop's carry. */
  reserve(input: Storage, output: Storage): void {
    this.#guard[this.rootOf(output).id] = input;
    this.reserveInput(input);
  }

  /** Nothing else takes over the input's memory. */
  reserveInput(input: Storage): void {
    this.#reserved[this.rootOf(input).id] = true;
  }

  isReserved(storage: Storage): boolean {
    return this.#reserved[this.rootOf(storage).id];
  }

  isOverwritten(storage: Storage): boolean {
    return this.#overwritten[this.rootOf(storage).id];
  }

  same(a: Storage, b: Storage): boolean {
    return this.rootOf(a) === this.rootOf(b);
  }

  /** Joins two groups, one of which at most lies outside of the frame. */
  join(a: Storage, b: Storage): void {
    const first = this.rootOf(a);
    const second = this.rootOf(b);
    // The one that lies outside of the frame says where the group is.
    const [from, to] = second.home.kind === "frame" ? [second.id, first.id] : [first.id, second.id];
    this.#parent[from] = to;
    this.#start[to] = Math.min(this.#start[to], this.#start[from]);
    this.#end[to] = Math.max(this.#end[to], this.#end[from]);
    this.#guard[to] ??= this.#guard[from];
    this.#overwritten[to] ||= this.#overwritten[from];
  }

  /** The value that the group of `storage` holds at a step: its youngest member. */
  holderAt(storage: Storage, step: number): Storage {
    const members = this.#storages.filter(
      (member) => this.#births[member.id] <= step && this.same(member, storage),
    );
    return members.toSorted((a, b) => this.#births[a.id] - this.#births[b.id]).at(-1) ?? storage;
  }

  /** One storage of each group. */
  roots(): readonly Storage[] {
    return this.#storages.filter((storage) => this.#parent[storage.id] === storage.id);
  }
}

/** Live intervals of every storage on its own. */
export function liveIntervals(
  storages: readonly Storage[],
  steps: readonly Pick<DraftStep, "reads" | "writes" | "temporaries">[],
  {
    inputs,
    outputs,
  }: { readonly inputs: readonly Storage[]; readonly outputs: readonly Storage[] },
): readonly Interval[] {
  const start = storages.map(() => Number.POSITIVE_INFINITY);
  const end = storages.map(() => Number.NEGATIVE_INFINITY);
  const touch = ({ id }: Storage, step: number): void => {
    start[id] = Math.min(start[id], step);
    end[id] = Math.max(end[id], step);
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
export const readsOnce = (
  groups: Groups,
  step: Pick<DraftStep, "reads">,
  { storage }: Place,
): boolean => step.reads.filter((read) => groups.same(read.storage, storage)).length === 1;
