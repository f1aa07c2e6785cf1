import type { StepInfo } from "../../plan/index.ts";
import type { KernelSource } from "./wgsl/kernel-source.ts";

/** A run of bytes of the arena that a dispatch touches. */
export interface OperandRange {
  /** A multiple of 4. */
  readonly begin: number;
  readonly end: number;
}

/** One kernel call with everything known: what it reads, where, and how much of it there is. */
export interface Job {
  readonly numbers: readonly number[];
  /** In the order of the kernel's operands. */
  readonly operands: readonly OperandRange[];
  /** Threads or groups; more than 0. */
  readonly count: number;
}

/** Calls of one kernel that do not depend on one another, handed over at once. */
export interface Dispatch {
  readonly kind: "dispatch";
  readonly kernel: KernelSource;
  readonly constants: readonly number[];
  /** At least one; all have as many numbers. */
  readonly jobs: readonly Job[];
  /** By operand, what reaches over those of all jobs. */
  readonly reach: readonly OperandRange[];
  readonly info?: StepInfo;
  /** Absent for what every run does. */
  readonly when?: Branch;
}

/** Where a run's way is chosen, on the device: by a word of the arena, clamped to the branches. */
export interface Choice {
  readonly kind: "choice";
  readonly index: number;
  readonly branches: number;
  /** The branch of another choice that this one stands in. */
  readonly when?: Branch;
}

/** What a dispatch is done in: one branch of a choice that stands before it. */
export interface Branch {
  readonly choice: Choice;
  readonly branch: number;
}

export type DeviceWork = Dispatch | Choice;

/** What a run does, one after the other; lists of the device's work are `Work`. What the host must decide or do stands between them. */
export type Flow<Work> =
  | { readonly kind: "work"; readonly work: Work }
  /** Work of the host on arrays of the arena. */
  | { readonly kind: "host"; readonly callback: number; readonly addresses: readonly number[] }
  /** A choice between branches in which the host has a part. */
  | {
      readonly kind: "cond";
      readonly index: number;
      readonly branches: readonly (readonly Flow<Work>[])[];
    }
  | {
      readonly kind: "while";
      readonly condition: readonly Flow<Work>[];
      readonly predicate: number;
      readonly body: readonly Flow<Work>[];
    };

/** Loops and calls are unrolled: everything is an address in the arena. */
export type Segment = Flow<readonly DeviceWork[]>;

/** The same flow with other lists of work. */
export const mapWork = <A, B>(
  flows: readonly Flow<A>[],
  change: (work: A) => B,
): readonly Flow<B>[] =>
  flows.map((flow): Flow<B> => {
    switch (flow.kind) {
      case "work":
        return { kind: "work", work: change(flow.work) };
      case "cond":
        return { ...flow, branches: flow.branches.map((branch) => mapWork(branch, change)) };
      case "while":
        return {
          ...flow,
          condition: mapWork(flow.condition, change),
          body: mapWork(flow.body, change),
        };
      case "host":
        return flow;
      default:
        return flow satisfies never;
    }
  });

/** The same segments as work of the device alone, if they are. */
export function deviceWorkOf(segments: readonly Segment[]): readonly DeviceWork[] | undefined {
  const lists = segments.map((segment) => (segment.kind === "work" ? segment.work : undefined));
  if (lists.some((list) => list === undefined)) return undefined;
  return lists.flatMap((list) => list ?? []);
}

/** A choice in front of its branches' work, each piece of which knows where it stands. */
export function choose(
  index: number,
  branches: readonly (readonly DeviceWork[])[],
): readonly DeviceWork[] {
  const choice: Choice = { kind: "choice", index, branches: branches.length };
  return [choice, ...branches.flatMap((work, branch) => inside(work, { choice, branch }))];
}

/** Work that now stands in a branch: what stood nowhere, and choices that others stand in. */
function inside(work: readonly DeviceWork[], branch: Branch): readonly DeviceWork[] {
  const moved = new Map<Choice, Choice>();
  return work.map((each): DeviceWork => {
    const when = each.when
      ? { ...each.when, choice: moved.get(each.when.choice) ?? each.when.choice }
      : branch;
    const placed = { ...each, when };
    if (each.kind === "choice" && placed.kind === "choice") moved.set(each, placed);
    return placed;
  });
}
