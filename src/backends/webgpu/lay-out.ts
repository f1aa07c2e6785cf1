import type { ExecutionPlan } from "../../plan/index.ts";
import { mapWork, type Segment } from "./dispatch-list.ts";
import { mergeDispatches } from "./merge-dispatches.ts";
import { record, type KernelTable } from "./record.ts";
import { mostSpareBytes, spareBytesOf } from "./spare-frames.ts";
import { canReach } from "./windows.ts";

/** What a device, and whoever opened it, allow. */
export interface Room {
  /** Of a buffer. */
  readonly mostBytes: number;
  /** Of a binding. */
  readonly windowBytes: number;
  /** Most memory for iterations that run side by side; half of what a plan needs when absent. */
  readonly spareBytes?: number;
  /** Whether kernel calls that do not wait for one another are handed over at once. */
  readonly merges: boolean;
}

/** A plan in the arena. */
export interface LaidOut {
  /** Where its constants begin, behind the frame. */
  readonly constants: number;
  /** What it cannot do without: frame and constants. */
  readonly neededBytes: number;
  readonly spareBytes: number;
  readonly arenaBytes: number;
  readonly segments: readonly Segment[];
}

const align = (bytes: number): number => Math.ceil(bytes / 256) * 256;

/**
 * Puts a plan in its place, and writes down what a run does. Needs no device.
 *
 * @throws BackendError where that is too much
 */
export function layOut(plan: ExecutionPlan, kernelOf: KernelTable, room: Room): LaidOut {
  const constants = align(plan.main.frameBytes);
  const neededBytes = align(constants + Math.max(4, plan.constants.byteLength));
  const most = room.spareBytes ?? mostSpareBytes(neededBytes, room.mostBytes);
  const spareBytes = Math.min(align(most), spareBytesOf(plan));
  const spare = { begin: neededBytes, bytes: spareBytes };
  const arenaBytes = neededBytes + spareBytes;
  const recorded = record(plan, { frame: 0, constants, spare }, kernelOf);
  const reaches = canReach(arenaBytes, room.windowBytes);
  const segments = room.merges
    ? mapWork(recorded, (work) => mergeDispatches(work, reaches))
    : recorded;
  return { constants, neededBytes, spareBytes, arenaBytes, segments };
}
