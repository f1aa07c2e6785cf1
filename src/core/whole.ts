import { checkList } from "./arguments.ts";
import { describeArgument } from "./describe-argument.ts";
import { ShapeError } from "./errors.ts";

/**
 * A count, a length or a place that must be a whole number, `least` or more.
 * @throws ShapeError for fractions, NaN, infinities and smaller numbers
 */
export function checkWhole(
  value: number,
  what: string,
  where: string,
  least: number = -Infinity,
): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new ShapeError(`${what} must be a whole number`, {
    where,
    expected: least === -Infinity ? "an integer" : `an integer of ${least} or more`,
    got: describeArgument(value),
  });
}

/** A list of such numbers. */
export function checkWholes(
  values: readonly number[],
  what: string,
  where: string,
  least?: number,
): readonly number[] {
  for (const value of checkList(values, what, where)) checkWhole(value, what, where, least);
  return values;
}
