import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { diagonal } from "./diagonals.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { transpose } from "./axes.ts";
import { contract } from "./contract.ts";
import { parseSubscripts } from "./einsum-subscripts.ts";
import { promote } from "../array/promote.ts";

/** An array whose axes are named. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

/**
 * Sums of products by Einstein's convention: labels name the axes of the operands; those missing
 * from the result are summed. A label twice in one operand takes its diagonal. Operands are
 * contracted from left to right, so that the order (and the rounding) is the one that is written. An ellipsis
 * stands for all axes that have no label; they are broadcast. `jax.numpy.einsum`.
 *
 * @throws ShapeError when labels, ranks or sizes do not fit
 * @example
 * import { einsum } from "reformax/numpy";
 * console.log(einsum("ij,jk->ik", [[1, 2], [3, 4]], [[1, 0], [0, 2]]).toArray()); // => [ [ 1, 4 ], [ 3, 8 ] ]
 * console.log(einsum("ii->", [[1, 2], [3, 4]]).item()); // => 5
 * console.log(einsum("...i,...i->...", [[1, 2], [3, 4]], [1, 10]).toArray()); // => [ 21, 43 ]
 */
export function einsum(subscripts: string, ...operands: readonly ArrayLike[]): Value {
  const values = promote(operands, "einsum");
  const parsed = parseSubscripts(
    subscripts,
    values.map((x) => x.shape),
  );
  const labelled = values.map((value, i) => {
    const { labels, shape } = parsed.operands[i];
    return takeDiagonals({ value: ops.reshape(value, shape), labels });
  });
  const product = labelled.slice(1).reduce((left, right, i) => {
    const later = labelled.slice(i + 2).flatMap((x) => x.labels);
    return multiply(left, right, new Set([...parsed.output, ...later]));
  }, labelled[0]);
  const { value, labels } = sumOut(product, new Set(parsed.output));
  return transpose(
    value,
    parsed.output.map((label) => labels.indexOf(label)),
  );
}

/** Every label once: repeated ones become the diagonal of their axes. */
function takeDiagonals(x: Labelled): Labelled {
  const second = x.labels.findIndex((label, axis) => x.labels.indexOf(label) !== axis);
  if (second < 0) return x;
  const label = x.labels[second];
  const first = x.labels.indexOf(label);
  const rest = x.labels.filter((_, axis) => axis !== first && axis !== second);
  return takeDiagonals({ value: diagonal(x.value, 0, first, second), labels: [...rest, label] });
}

/** Product of two operands, with the labels that nobody needs any more summed. */
function multiply(x: Labelled, y: Labelled, needed: ReadonlySet<string>): Labelled {
  const left = sumOut(x, new Set([...needed, ...y.labels]));
  const right = sumOut(y, new Set([...needed, ...x.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const summed = shared.filter((label) => !needed.has(label));
  const axesIn = (labels: readonly string[], wanted: readonly string[]): number[] =>
    wanted.map((label) => labels.indexOf(label));
  const free = (labels: readonly string[]): string[] =>
    labels.filter((label) => !shared.includes(label));
  return {
    value: contract(left.value, right.value, {
      lhsBatch: axesIn(left.labels, batch),
      rhsBatch: axesIn(right.labels, batch),
      lhsContract: axesIn(left.labels, summed),
      rhsContract: axesIn(right.labels, summed),
    }),
    labels: [...batch, ...free(left.labels), ...free(right.labels)],
  };
}

function sumOut({ value, labels }: Labelled, keep: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (keep.has(label) ? [] : [axis]));
  if (axes.length === 0) return { value, labels };
  const sum = value.dtype === "bool" ? ops.reduceOr : ops.reduceSum;
  return { value: sum(value, axes), labels: labels.filter((label) => keep.has(label)) };
}
