import { readsOnce, type Groups } from "./liveness.ts";
import type { Step } from "./step.ts";
import type { Place, Storage } from "./storage.ts";

/**
 * In-place execution: a result takes over the storage of an operand of the same size that dies at
 * the step, where the step allows it; copies whose source and target can be one storage vanish.
 * Joins groups; afterwards every group still has one value that matters at any step.
 */
export function coalesce(steps: readonly Step[], groups: Groups): void {
  // The function's results first: a value that is computed where the caller wants it needs no copy,
  // while an operand that it could have replaced only dies where it is.
  joinWhere(steps, groups, (step) => step.isCopy);
  joinWhere(steps, groups, (step) => !step.isCopy);
}

function joinWhere(
  steps: readonly Step[],
  groups: Groups,
  isChosen: (step: Step) => boolean,
): void {
  steps.forEach((step, index) => {
    if (!isChosen(step)) return;
    for (const [read, write] of step.share) {
      const place = step.reads[read];
      const output = step.writes[write];
      if (mayJoin(steps, groups, index, place, output)) groups.join(place.storage, output);
    }
  });
}

function mayJoin(
  steps: readonly Step[],
  groups: Groups,
  index: number,
  place: Place,
  output: Storage,
): boolean {
  const step = steps[index];
  const source = groups.rootOf(place.storage);
  const target = groups.rootOf(output);
  if (source === target || place.offset !== 0 || source.words !== target.words) return false;
  if (source.home.kind !== "frame" || target.home.kind === "constant" || source.words === 0) {
    return false;
  }
  const from = groups.intervalOf(source);
  const to = groups.intervalOf(target);
  const dies = from.end === index && to.start === index && readsOnce(groups, step, place);
  if (!dies && !(step.isCopy && to.start === index)) return false;
  // Another result that nobody reads may have taken the operand's place: it dies at the step, too.
  if (step.writes.some((other) => other !== output && groups.same(other, source))) return false;
  const guard = groups.guardOf(target);
  return guard === undefined || overwritable(steps, groups, source, from.start, guard);
}

/**
 * A loop's result may be computed in its carry's memory from step `start` on when the carry's last
 * reader comes before, or is that very step and computes in place.
 */
function overwritable(
  steps: readonly Step[],
  groups: Groups,
  result: Storage,
  start: number,
  carry: Storage,
): boolean {
  const { end } = groups.intervalOf(carry);
  return end < start || (end === start && computesInPlace(steps[start], groups, carry, result));
}

/** The step reads `operand` once, and writes a storage of the result's group that may replace it. */
function computesInPlace(step: Step, groups: Groups, operand: Storage, result: Storage): boolean {
  return step.share.some(([read, write]) => {
    const place = step.reads[read];
    return (
      place.offset === 0 &&
      groups.same(place.storage, operand) &&
      groups.same(step.writes[write], result) &&
      readsOnce(groups, step, place)
    );
  });
}

/** Pairs [input, output] of a function whose caller may give both the same storage. */
export function aliasablePairs(
  steps: readonly Step[],
  groups: Groups,
  inputs: readonly (Storage | undefined)[],
  outputs: readonly Storage[],
): readonly (readonly [number, number])[] {
  return inputs.flatMap((input, i) =>
    outputs.flatMap((output, o) => {
      if (!input || input.words !== output.words || input.words === 0) return [];
      const { start } = groups.intervalOf(output);
      return overwritable(steps, groups, output, start, input) ? [[i, o] as const] : [];
    }),
  );
}
