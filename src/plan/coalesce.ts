import { readsOnce, type Groups } from "./liveness.ts";
import type { Step } from "./step.ts";
import { isReusable, type Place, type Storage } from "./storage.ts";

/** A function's parameters, which its callers may give the same storage. */
export interface Parameters {
  /** Inputs that a step reads. */
  readonly inputs: readonly (Storage | undefined)[];
  readonly outputs: readonly Storage[];
}

/**
 * In-place execution: a result takes over the storage of an operand of the same size that dies at
 * the step, where the step allows it; copies whose source and target can be one storage vanish.
 * Joins groups; afterwards every group still has one value that matters at any step.
 */
export function coalesce(steps: readonly Step[], groups: Groups, parameters: Parameters): void {
  // A carry's memory is kept for the next carry.
  for (const { guard } of groups.roots()) if (guard) groups.reserveInput(guard);
  // The function's results first: a value that is computed where the caller wants it needs no copy,
  // while an operand that it could have replaced only dies where it is.
  joinWhere(steps, groups, (step) => step.isCopy);
  reserveDonatedInputs(steps, groups, parameters);
  joinWhere(steps, groups, (step) => !step.isCopy);
}

/**
 * An output that can be computed in the storage of a donated input should be: the caller gives both
 * the same storage. From here on nothing may happen in either that would prevent it. An output goes where the
 * value that it came from lay, if that is possible, else where there is room.
 */
function reserveDonatedInputs(
  steps: readonly Step[],
  groups: Groups,
  { inputs, outputs }: Parameters,
): void {
  const donated = inputs.flatMap((input) => (input && isReusable(input) ? [input] : []));
  const taken = new Set<Storage>();
  const reserveOne = (output: Storage, candidates: readonly Storage[]): void => {
    if (groups.guardOf(output)) return;
    const input = candidates.find(
      (candidate) => !taken.has(candidate) && mayAlias(steps, groups, candidate, output),
    );
    if (!input) return;
    taken.add(input);
    groups.reserve(input, output);
  };
  const origins = outputs.map((output) => originOf(steps, output));
  outputs.forEach((output, i) =>
    reserveOne(
      output,
      donated.filter((input) => input === origins[i]),
    ),
  );
  for (const output of outputs) reserveOne(output, donated);
}

/** Where the value of a storage was at first, if every step from there to here may work in place. */
function originOf(steps: readonly Step[], output: Storage): Storage {
  let storage = output;
  for (const step of steps.toReversed()) {
    const pair = step.share.find(([, write]) => step.writes[write] === storage);
    if (pair) storage = step.reads[pair[0]].storage;
  }
  return storage;
}

function joinWhere(
  steps: readonly Step[],
  groups: Groups,
  isChosen: (step: Step) => boolean,
): void {
  steps.forEach((step, index) => {
    if (!isChosen(step)) return;
    for (const [read, write] of longestLivedFirst(step, groups)) {
      const place = step.reads[read];
      const output = step.writes[write];
      if (mayJoin(steps, groups, index, place, output)) groups.join(place.storage, output);
    }
  });
}

/** A result that lives on should take an operand's place rather than one that is gone soon. */
function longestLivedFirst({ share, writes }: Step, groups: Groups): Step["share"] {
  if (share.length < 2) return share;
  const endOf = (write: number): number => groups.intervalOf(writes[write]).end;
  return share.toSorted(([, a], [, b]) => endOf(b) - endOf(a));
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
  if (source === target || place.offset !== 0 || source.bytes !== target.bytes) return false;
  if (
    !isReusable(source) ||
    groups.isReserved(source) ||
    source.bytes === 0 ||
    !mayMeet(source, target)
  )
    return false;
  const from = groups.intervalOf(source);
  const to = groups.intervalOf(target);
  const dies = from.end === index && to.start === index && readsOnce(groups, step, place);
  const unchanged = !groups.isOverwritten(source) && !groups.isOverwritten(target);
  const copies = step.isCopy && to.start === index && unchanged;
  if (!dies && !copies) return false;
  // Another result that nobody reads may have taken the operand's place: it dies at the step, too.
  if (step.writes.some((other) => other !== output && groups.same(other, source))) return false;
  const guard = groups.guardOf(target);
  return guard === undefined || overwritable(steps, groups, source, from.start, guard);
}

/** One of them lies in the frame, and takes the other's place. */
const mayMeet = (source: Storage, target: Storage): boolean =>
  target.home.kind === "frame" ||
  (target.home.kind === "parameter" && source.home.kind === "frame");

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

const mayAlias = (
  steps: readonly Step[],
  groups: Groups,
  input: Storage,
  output: Storage,
): boolean =>
  input.bytes === output.bytes &&
  input.bytes > 0 &&
  overwritable(steps, groups, output, groups.intervalOf(output).start, input);

/** Pairs [input, output] that callers may give the same storage, those first that they should. */
export function aliasablePairs(
  steps: readonly Step[],
  groups: Groups,
  { inputs, outputs }: Parameters,
): readonly (readonly [number, number])[] {
  const pairs = inputs.flatMap((input, i) =>
    outputs.flatMap((output, o) =>
      input && mayAlias(steps, groups, input, output) ? [[i, o] as const] : [],
    ),
  );
  const isReserved = ([i, o]: readonly [number, number]): boolean =>
    groups.guardOf(outputs[o]) === inputs[i];
  return [...pairs.filter(isReserved), ...pairs.filter((pair) => !isReserved(pair))];
}
