import { DTypeError } from "../core/errors.ts";
import { checkDType, isInteger } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { numberOf, shapeOf, toValue, type ArrayLike, type ShapeLike } from "../array/array-like.ts";
import { requireInteger } from "../array/promote.ts";
import { isValue } from "../core/value.ts";
import { broadcastTo } from "../numpy/axes.ts";
import { foriLoop } from "../transforms/index.ts";
import { requireKey, split } from "./key.ts";
import { bits } from "./uniform.ts";

const twoTo32 = 2 ** 32;

/** As long as 2^32 leaves no larger remainder, the remainder of one word is even within 2^-12. */
const largestRemainder = 2 ** 20;

/**
 * Integers from minval to maxval - 1, i32 or u32; the bounds broadcast to the shape. Where maxval <= minval
 * the result is minval. `jax.random.randint`.
 *
 * The numbers are those of JAX, which takes the remainder of 64 random bits by the span up to a span of 2^16, and of 32
 * bits above. Where that would be off by more than 2^-12 (2^32 modulo the span is above 2^20, so never for spans up to
 * 2^20), it is the remainder of all 64 bits here: no event is off by more than 2^-32.
 *
 * @throws DTypeError when a bound is not an integer of the dtype
 * @example
 * import { key, randint } from "reformax/random";
 * const rolls = randint(key(0), [100], 1, 7).dataSync();
 * console.log(rolls.every((roll) => roll >= 1 && roll <= 6)); // => true
 */
export function randint(
  key: Value,
  shape: ShapeLike,
  minval: ArrayLike,
  maxval: ArrayLike,
  dtype: "i32" | "u32" = "i32",
): Value {
  if (!isInteger(checkDType(dtype, "randint"))) {
    throw new DTypeError("random integers are integers", {
      where: "randint",
      expected: "i32 or u32",
      got: dtype,
    });
  }
  const sizes = shapeOf(shape, "randint");
  const [low, high] = [minval, maxval].map((bound) => {
    const value =
      typeof bound === "number"
        ? numberOf(bound, dtype, "randint")
        : requireInteger(isValue(bound) ? bound : toValue(bound, "randint"), "randint");
    return broadcastTo(ops.convert(value, dtype), sizes);
  });
  const [first, second] = split(requireKey(key, "randint")).map((half) => bits(half, sizes));
  const isKnown = typeof minval === "number" && typeof maxval === "number";
  if (isKnown && isEvenInJax(maxval - minval)) return randintFromBits(first, second, low, high);
  const span = spanOf(low, high);
  const exact = remainderOf64(first, second, span);
  if (isKnown) return shifted(low, exact);
  const remainder = ops.rem(ops.neg(span), span);
  const isEven = ops.le(remainder, ops.fullLike(remainder, largestRemainder));
  return shifted(low, ops.select(isEven, foldedInJax(first, second, span), exact));
}

const isEvenInJax = (span: number): boolean => span <= 0 || twoTo32 % span <= largestRemainder;

/** JAX's numbers from two words per number. */
export function randintFromBits(higher: Value, lower: Value, minval: Value, maxval: Value): Value {
  return shifted(minval, foldedInJax(higher, lower, spanOf(minval, maxval)));
}

const shifted = (minval: Value, offset: Value): Value =>
  ops.add(minval, ops.convert(offset, minval.dtype));

/** maxval - minval as u32, and 1 where there is nothing between them. */
function spanOf(minval: Value, maxval: Value): Value {
  const difference = ops.convert(ops.sub(maxval, minval), "u32");
  return ops.select(ops.le(maxval, minval), ops.fullLike(difference, 1), difference);
}

/**
 * (higher * 2^32 + lower) mod span, by (a * b) mod n = ((a mod n) * (b mod n)) mod n in 32 bits: above a span of 2^16 the
 * factor of the higher word wraps to 0.
 */
function foldedInJax(higher: Value, lower: Value, span: Value): Value {
  const root = ops.rem(ops.fullLike(span, 2 ** 16), span);
  const multiplier = ops.rem(ops.mul(root, root), span);
  const folded = ops.add(ops.mul(ops.rem(higher, span), multiplier), ops.rem(lower, span));
  return ops.rem(folded, span);
}

/** (higher * 2^32 + lower) mod span, by long division: a bit of the lower word at a time. */
function remainderOf64(higher: Value, lower: Value, span: Value): Value {
  const [one, topBit] = [ops.fullLike(span, 1), ops.fullLike(span, 31)];
  const [rest] = foriLoop(
    0,
    32,
    (_, [remainder, bitsLeft]: readonly Value[]) => {
      const overflows = ops.ne(ops.shiftRightLogical(remainder, topBit), ops.zerosLike(span));
      const next = ops.shiftRightLogical(bitsLeft, topBit);
      const doubled = ops.or(ops.shiftLeft(remainder, one), next);
      const reduced = ops.select(
        ops.or(overflows, ops.ge(doubled, span)),
        ops.sub(doubled, span),
        doubled,
      );
      return [reduced, ops.shiftLeft(bitsLeft, one)];
    },
    [ops.rem(higher, span), lower] as readonly Value[],
  );
  return rest;
}
