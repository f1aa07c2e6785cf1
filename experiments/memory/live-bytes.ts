import type { ExecutionPlan, Region } from "../../src/plan/index.ts";
import { walkPlan } from "./walk-plan.ts";

/** Most pages that memory is looked at in. */
const mostPages = 2 ** 17;

/**
 * Bytes that hold something which is still needed, over a run of a plan, in so many equal parts of its work: the most in each part. A page of memory
 * is in use from the call that writes it whole to the last one that touches it before it is written whole again.
 */
export function liveBytes(plan: ExecutionPlan, parts: number): readonly number[] {
  const page = pageBytes(plan.main.frameBytes);
  const count = Math.ceil(plan.main.frameBytes / page);
  const work: number[] = [];
  /** For each page the first and the last call of the use that has not ended. */
  const [first, last] = [new Int32Array(count).fill(-1), new Int32Array(count)];
  /** By call: pages of which a use begins there, less those of which one has ended before. */
  const changes: number[] = [];
  const change = (call: number, by: number): void => {
    changes[call] = (changes[call] ?? 0) + by;
  };
  const end = (at: number): void => {
    if (first[at] < 0) return;
    change(first[at], 1);
    change(last[at] + 1, -1);
  };
  for (const at of pagesOf(plan.inputs, page)) first[at] = 0;
  let call = 0;
  for (const { work: cost, ranges } of walkPlan(plan)) {
    for (const { start, bytes, access } of ranges) {
      const [from, to] = [Math.floor(start / page), Math.ceil((start + bytes) / page)];
      for (let at = from; at < Math.min(to, count); at++) {
        const whole = start <= at * page && start + bytes >= (at + 1) * page;
        if (first[at] < 0 || (whole && access === "write" && last[at] < call)) {
          end(at);
          first[at] = call;
        }
        last[at] = call;
      }
    }
    work.push(cost);
    call++;
  }
  for (const at of pagesOf(plan.outputs, page)) last[at] = call - 1;
  for (let at = 0; at < count; at++) end(at);
  return mostIn(work, changes, parts).map((pages) => pages * page);
}

const pageBytes = (bytes: number): number => {
  let page = 64;
  while (bytes / page > mostPages) page *= 2;
  return page;
};

function* pagesOf(regions: readonly Region[], page: number): Generator<number> {
  for (const { at, bytes } of regions) {
    if (at?.space !== "frame") continue;
    const end = Math.ceil((at.offset + bytes) / page);
    for (let i = Math.floor(at.offset / page); i < end; i++) yield i;
  }
}

/** The largest running sum of changes in each part of the work. */
function mostIn(
  work: readonly number[],
  changes: readonly (number | undefined)[],
  parts: number,
): readonly number[] {
  const whole = work.reduce((sum, one) => sum + one, 0);
  const most = new Array<number>(parts).fill(0);
  let [done, live] = [0, 0];
  work.forEach((cost, call) => {
    live += changes[call] ?? 0;
    const from = Math.min(parts - 1, Math.floor((parts * done) / whole));
    done += cost;
    const to = Math.min(parts - 1, Math.floor((parts * done) / whole));
    for (let part = from; part <= to; part++) most[part] = Math.max(most[part], live);
  });
  return most;
}
