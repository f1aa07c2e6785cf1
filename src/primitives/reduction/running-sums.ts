/**
 * The order in which running sums are added: a tree of fours that depends on the length of the axis
 * alone. Every backend adds in it, however it cuts the work.
 *
 * Four neighbours are a leaf, and are added one after the other from zero. Four leaves are a node, four nodes a node
 * above; what the branches of a node come to is added one after the other from zero too. An element's sum is what comes
 * before its leaf plus what its leaf comes to so far; what comes before a branch is what comes before its node plus what the
 * branches before it in the node come to. Nothing is subtracted, and an f32 is rounded at most four times on each level: the
 * error grows with the logarithm of the length, where adding one after the other lets it grow with the length.
 */

/** Elements of a leaf, and branches of a node. */
const fan = 4;

/** Where the elements of a line are, in the order in which they are added. */
export interface Line {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/**
 * Writes the running sums of a line of `x` to the same places of `out`, each after `before`; returns what the line comes to.
 *
 * @param round - to the element type: f32, or integers that wrap
 */
export function runningSums(
  x: ArrayLike<number>,
  out: { [index: number]: number },
  { start, step, length }: Line,
  round: (sum: number) => number,
  before = 0,
): number {
  let sum = 0;
  if (length <= fan) {
    for (let i = 0; i < length; i++) {
      sum = round(sum + x[start + i * step]);
      out[start + i * step] = round(before + sum);
    }
    return sum;
  }
  const branch = branchLength(length);
  for (let i = 0; i < length; i += branch) {
    const line = { start: start + i * step, step, length: Math.min(branch, length - i) };
    sum = round(sum + runningSums(x, out, line, round, round(before + sum)));
  }
  return sum;
}

/** The largest power of `fan` below `length`. */
function branchLength(length: number): number {
  let branch = fan;
  while (branch * fan < length) branch *= fan;
  return branch;
}
