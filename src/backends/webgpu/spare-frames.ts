import type { ExecutionPlan, PlacedControl, PlanFunction } from "../../plan/index.ts";

/** Bytes of the arena that no plan speaks of. */
export interface Spare {
  /** A multiple of 256. */
  readonly begin: number;
  readonly bytes: number;
}

/** None. */
export const noSpare: Spare = { begin: 0, bytes: 0 };

type Scan = Extract<PlacedControl, { readonly kind: "scan" }>;

/** Where an iteration works, and what loops in it may use. */
interface IterationFrame {
  readonly frame: number;
  readonly spare: Spare;
}

/** So many iterations of a loop are given frames of their own: attention heads, mostly. */
const mostSideBySide = 8;

const aligned = (bytes: number): number => Math.ceil(bytes / 256) * 256;

/**
 * The frames that the iterations of a loop take in turns. A plan gives all of them the same one, so that each would wait for the one before it;
 * with several, only what an iteration hands over keeps them in order. Nothing in a frame outlives its iteration, so that it may lie anywhere.
 */
export function framesOf(
  { callee, iterations }: Scan,
  planned: number,
  spare: Spare,
): readonly IterationFrame[] {
  const bytes = aligned(callee.frameBytes);
  if (bytes === 0 || iterations < 2) return [{ frame: planned, spare }];
  const most = Math.min(iterations, mostSideBySide);
  const copies = Math.min(most - 1, Math.floor(spare.bytes / bytes));
  if (copies === 0) return [{ frame: planned, spare }];
  const own = Array.from({ length: copies }, (_, i) => spare.begin + i * bytes);
  // What is left is shared out, so that loops inside of iterations stay apart, too.
  const begin = spare.begin + copies * bytes;
  const share = Math.floor((spare.bytes - copies * bytes) / (copies + 1) / 256) * 256;
  return [planned, ...own].map((frame, i) => ({
    frame,
    spare: { begin: begin + i * share, bytes: share },
  }));
}

/** The most that any loop of a plan has a use for. */
export const spareBytesOf = ({ functions }: Pick<ExecutionPlan, "functions">): number =>
  functions.reduce((most, each) => Math.max(most, spareBytesOfLoops(each)), 0);

const spareBytesOfLoops = ({ steps }: PlanFunction): number =>
  steps.reduce((most, { body }) => {
    if (body.kind !== "scan") return most;
    const copies = Math.min(body.iterations, mostSideBySide) - 1;
    return Math.max(most, copies * aligned(body.callee.frameBytes));
  }, 0);

/** Half of what a plan needs, as far as a buffer has room for it: twice as many iterations at once gain less and less. */
export const mostSpareBytes = (plannedBytes: number, mostBytes: number): number =>
  Math.max(0, Math.floor(Math.min(plannedBytes / 2, mostBytes - plannedBytes) / 256) * 256);
