import { formatAvals } from "../core/aval.ts";
import { isInteger } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import { checkWhole } from "../core/whole.ts";
import { add, convert, literal, lt } from "../ir/ops.ts";
import { asValue, flattenArguments, calleeOf } from "./flat-function.ts";
import { scanAs } from "./scan.ts";
import { whileAs } from "./while.ts";

function requireWholeBound(bound: Value, where: string): void {
  const { aval } = asValue(bound, where);
  if (isInteger(aval.dtype) && aval.shape.length === 0) return;
  throw new DTypeError("a bound must be one integer", {
    where,
    expected: "i32[] or u32[]",
    got: formatAvals([aval]),
  });
}

/**
 * `carry = body(i, carry)` for i from `lower` to `upper` (exclusive). With JavaScript numbers as bounds
 * it is a scan and differentiable in reverse; with traced bounds it is a whileLoop.
 * As `jax.lax.fori_loop`.
 *
 * @throws ShapeError or DTypeError unless the bounds are whole numbers
 * @example
 * import { array, add } from "reformax/numpy";
 * import { foriLoop } from "reformax/lax";
 * console.log(foriLoop(0, 5, (i, sum) => add(sum, i), array(0, "i32")).item()); // => 10
 */
export function foriLoop<Carry>(
  lower: number | Value,
  upper: number | Value,
  body: (index: Value, carry: Carry) => Carry,
  init: Carry,
): Carry {
  for (const bound of [lower, upper]) {
    if (typeof bound === "number") checkWhole(bound, "a bound", "foriLoop");
    else requireWholeBound(bound, "foriLoop");
  }
  const { where } = calleeOf(body, "foriLoop");
  flattenArguments(init, where);
  const one = literal(1, "i32");
  if (typeof lower === "number" && typeof upper === "number") {
    const length = Math.max(0, upper - lower);
    const start: readonly [Value, Carry] = [literal(lower, "i32"), init];
    const [[, carry]] = scanAs<readonly [Value, Carry], null, null>(
      where,
      ([index, state]) => [[add(index, one), body(index, state)], null],
      start,
      null,
      { length },
    );
    return carry;
  }
  const from = typeof lower === "number" ? literal(lower, "i32") : convert(lower, "i32");
  const to = typeof upper === "number" ? literal(upper, "i32") : convert(upper, "i32");
  const start: readonly [Value, Value, Carry] = [from, to, init];
  const [, , carry] = whileAs<readonly [Value, Value, Carry]>(
    where,
    ([index, end]) => lt(index, end),
    ([index, end, state]) => [add(index, one), end, body(index, state)],
    start,
  );
  return carry;
}
