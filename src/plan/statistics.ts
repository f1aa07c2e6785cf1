import type { Groups } from "./liveness.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import { qualified } from "./function-builder.ts";
import { isLinkedControl } from "./link.ts";
import { calleesOf } from "./planned-function.ts";
import type { LiveValue } from "./planned-function.ts";
import { highestMoment, largestSum, type Block } from "./placement.ts";
import type { Step } from "./step.ts";
import type { Storage } from "./storage.ts";

const listedValues = 12;

/** A function's frame by the storage that holds it while a step runs. */
function calleeByFrame(steps: readonly Step[]): ReadonlyMap<Storage, CompiledFunction> {
  const frames = new Map<Storage, CompiledFunction>();
  for (const { body } of steps) {
    if (!isLinkedControl(body)) continue;
    const largest = calleesOf(body).reduce((a, b) => (b.frameBytes > a.frameBytes ? b : a));
    frames.set(body.frame.storage, largest);
  }
  return frames;
}

/**
 * Lower bound of a frame: the largest sum of live bytes, callees counted with their own bounds;
 * `bound` counts them with their frames.
 */
export function liveBytesOf(
  steps: readonly Step[],
  locals: readonly Storage[],
  blocks: readonly Block[],
  bound: number,
): number {
  const frames = calleeByFrame(steps);
  if (frames.size === 0) return bound;
  return largestSum(
    blocks.map((block, i) => ({
      ...block,
      bytes: frames.get(locals[i])?.liveBytes ?? block.bytes,
    })),
  );
}

/** The most bytes that wait outside of the arena at one moment of a function. */
export function hostBytesOf(steps: readonly Step[]): number {
  let here = 0;
  let peak = 0;
  for (const { body } of steps) {
    if (body.kind === "host") here += body.parks ?? 0;
    const below = isLinkedControl(body)
      ? Math.max(...calleesOf(body).map(({ hostBytes }) => hostBytes))
      : 0;
    peak = Math.max(peak, here + below);
  }
  return peak;
}

/** The largest values that are alive when the sum of live bytes is largest. */
export function largestValues(
  within: string,
  steps: readonly Step[],
  locals: readonly Storage[],
  blocks: readonly Block[],
  groups: Groups,
): readonly LiveValue[] {
  const peak = highestMoment(blocks);
  const frames = calleeByFrame(steps);
  const alive = locals.flatMap((storage): readonly LiveValue[] => {
    const { start, end } = groups.intervalOf(storage);
    if (start > peak.time || end < peak.time) return [];
    const callee = frames.get(storage);
    if (callee) return callee.largest;
    const { name } = groups.holderAt(storage, peak.time);
    return [{ name: qualified(within, name), bytes: storage.bytes }];
  });
  return alive
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, listedValues);
}
