import type { StepInfo } from "../../plan/index.ts";
import type { DeviceWork, Dispatch, Job, OperandRange } from "./dispatch-list.ts";
import { Hazards } from "./hazards.ts";
import { mostJobs } from "./wgsl/kernel-text.ts";

/** Whether a dispatch with operands that reach so far can be bound. */
export type CanReach = (reach: readonly OperandRange[]) => boolean;

/**
 * Work with fewer dispatches: calls of one kernel that do not wait for one another become jobs of one dispatch. Each does what it did
 * before, on the same words; only the order changes, and only between calls that do not touch what the other writes. So no bit does.
 *
 * A call joins the first dispatch of its kernel behind everything that it has to wait for, or comes last.
 */
export function mergeDispatches(
  work: readonly DeviceWork[],
  canReach: CanReach,
): readonly DeviceWork[] {
  const merged: DeviceWork[] = [];
  let open: Dispatch[] = [];
  const close = (): void => {
    if (open.length > 0) merged.push(...mergeRun(open, canReach));
    open = [];
  };
  for (const each of work) {
    // Choices, and what stands in their branches, keep their places.
    if (each.kind === "dispatch" && !each.when) open.push(each);
    else {
      close();
      merged.push(each);
    }
  }
  close();
  return merged;
}

/** A dispatch that grows. */
interface Growing {
  readonly first: Dispatch;
  readonly jobs: Job[];
  readonly infos: (StepInfo | undefined)[];
  reach: readonly OperandRange[];
}

function mergeRun(run: readonly Dispatch[], canReach: CanReach): readonly Dispatch[] {
  const growing: Growing[] = [];
  const places = new Map<string, number[]>();
  const hazards = new Hazards();
  for (const dispatch of run) {
    const key = keyOf(dispatch);
    const same = places.get(key) ?? [];
    places.set(key, same);
    const last = hazards.lastBefore(dispatch);
    let at = same.find((place) => place > last && join(growing[place], dispatch, canReach));
    if (at === undefined) {
      at = growing.push(started(dispatch)) - 1;
      same.push(at);
    }
    hazards.add(dispatch, at);
  }
  return growing.map(finished);
}

/** What calls of one dispatch have in common. */
const keyOf = ({ kernel, constants, jobs: [{ numbers }] }: Dispatch): string =>
  `${kernel.name}(${constants.join(",")})${numbers.length}`;

const started = (dispatch: Dispatch): Growing => ({
  first: dispatch,
  jobs: [...dispatch.jobs],
  infos: [dispatch.info],
  reach: dispatch.reach,
});

/** @returns whether there was room for it */
function join(growing: Growing, dispatch: Dispatch, canReach: CanReach): boolean {
  const { jobs, infos } = growing;
  const most = mostJobs(dispatch.reach.length, dispatch.jobs[0].numbers.length);
  if (jobs.length + dispatch.jobs.length > most) return false;
  const reach = growing.reach.map((range, k) => hull(range, dispatch.reach[k]));
  if (!canReach(reach)) return false;
  growing.reach = reach;
  jobs.push(...dispatch.jobs);
  infos.push(dispatch.info);
  return true;
}

const hull = (a: OperandRange, b: OperandRange): OperandRange => ({
  begin: Math.min(a.begin, b.begin),
  end: Math.max(a.end, b.end),
});

const finished = ({ first, jobs, infos, reach }: Growing): Dispatch =>
  jobs.length === first.jobs.length ? first : { ...first, jobs, reach, info: together(infos) };

/** What is said of calls that are one dispatch: the first one's names, and the work of all. */
function together(infos: readonly (StepInfo | undefined)[]): StepInfo | undefined {
  const known = infos.flatMap((info) => info ?? []);
  if (known.length === 0) return undefined;
  const [first] = known;
  const sum = (of: (info: StepInfo) => number): number =>
    known.reduce((total, info) => total + of(info), 0);
  const names = new Set(known.map(({ name }) => name)).size;
  return {
    ...first,
    name: names === 1 ? first.name : `${first.name} and ${names - 1} more`,
    flops: sum(({ flops }) => flops),
    bytes: sum(({ bytes }) => bytes),
  };
}
