import type { Lanes } from "../../core/scalar-math/index.ts";
import { scalarOps, type ScalarOp } from "../../ir/expression.ts";

/**
 * Operations that only the tile VM has, beyond the scalar ones. Fused pairs round twice, like the
 * two operations that they stand for: they save a pass over a tile, not a rounding.
 */
export const tileOps = <F, I, M>({ add, sub, mul }: Lanes<F, I, M>) => ({
  copy: (a: F): F => a,
  multiplyAdd: (a: F, b: F, c: F): F => add(mul(a, b), c),
  multiplySubtract: (a: F, b: F, c: F): F => sub(mul(a, b), c),
  subtractProduct: (a: F, b: F, c: F): F => sub(c, mul(a, b)),
});

export type TileOp = keyof ReturnType<typeof tileOps>;

const names: readonly string[] = [
  ...Object.keys(scalarOps),
  ...(["copy", "multiplyAdd", "multiplySubtract", "subtractProduct"] satisfies TileOp[]),
];
const numbers = new Map(names.map((name, number) => [name, number]));

/** How many loops there are: larger numbers are the interpreter's own instructions. */
export const loopCount = names.length;

/** The number of an operation's loop in the compiled kernels. */
export function loopNumber(op: ScalarOp | TileOp): number {
  const number = numbers.get(op);
  if (number === undefined) throw new Error(`there is no loop for ${op}`);
  return number;
}
