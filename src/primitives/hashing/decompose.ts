import type { Value } from "../../core/value.ts";
import {
  add,
  bindNamed,
  concatenate,
  dotGeneral,
  eq,
  fullLike,
  neg,
  reshape,
  scale,
  select,
  slice,
  transpose,
} from "../../ir/ops.ts";

/**
 * The hash as projections, which are stored whole here, and one argmax per factor: x[N, L, d],
 * rotations[Nr, d, R, H] -> i32[N, R, L].
 */
export function decomposeHash(x: Value, rotations: Value, sizes: readonly number[]): Value {
  const projections = project(x, rotations);
  const [groups, rounds, length] = projections.shape;
  let bucket: Value | undefined;
  let place = 1;
  let column = 0;
  for (const size of sizes) {
    const end = column + size / 2;
    const y = slice(projections, [0, 0, 0, column], [groups, rounds, length, end]);
    const [position] = bindNamed("argMax", [concatenate([unlessNaN(y), unlessNaN(neg(y))], 3)], {
      axis: 3,
    });
    bucket = bucket ? add(bucket, scale(position, place)) : position;
    place *= size;
    column = end;
  }
  return bucket ?? fullLike(projections, 0);
}

/** [N, R, L, H]; group n of the tokens meets rotations n mod Nr. */
function project(x: Value, rotations: Value): Value {
  const [groups, length, width] = x.shape;
  const [rotationGroups, , rounds, columns] = rotations.shape;
  const repeats = groups / Math.max(1, rotationGroups);
  const all = dotGeneral(reshape(x, [repeats, rotationGroups, length, width]), rotations, {
    lhsBatch: [1],
    rhsBatch: [0],
    lhsContract: [3],
    rhsContract: [1],
  });
  return reshape(transpose(all, [1, 0, 3, 2, 4]), [groups, rounds, length, columns]);
}

/** NaN never wins in the hash, but it does in argMax. */
const unlessNaN = (y: Value): Value => select(eq(y, y), y, fullLike(y, -Infinity));
