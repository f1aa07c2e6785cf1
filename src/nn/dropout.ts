import { checkNumber, checkOptions } from "../core/arguments.ts";
import { ReformaxError } from "../core/errors.ts";
import { normalizeAxes } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { stretch, toFloat } from "../array/promote.ts";
import { requireKey } from "../random/key.ts";
import { bits } from "../random/uniform.ts";

export interface DropoutOptions {
  /** Axes along which elements are dropped together. */
  readonly sharedAxes?: number | readonly number[];
}

/**
 * Each element with probability `rate` replaced by 0, the others divided by 1 - rate. The same key
 * drops the same elements. Rate 0 returns `x` itself.
 *
 * An element is kept when its random word is below floor((1 - rate) 2^32), as in attention dropout.
 *
 * @throws ReformaxError unless 0 <= rate < 1
 * @example
 * import { ones } from "reformax/numpy";
 * import { dropout } from "reformax/nn";
 * import { key } from "reformax/random";
 * const kept = dropout(key(0), 0.5, ones([100])).dataSync();
 * console.log(kept.every((y) => y === 0 || y === 2)); // => true
 */
export function dropout(
  key: Value,
  rate: number,
  x: ArrayLike,
  options: DropoutOptions = {},
): Value {
  checkOptions(options, { sharedAxes: "any" }, "dropout");
  requireKey(key, "dropout");
  if (!(checkNumber(rate, "the rate", "dropout") >= 0 && rate < 1)) {
    throw new ReformaxError("rate out of range", {
      where: "dropout",
      expected: "0 <= rate < 1",
      got: String(rate),
    });
  }
  const value = toFloat(x, "dropout");
  if (rate === 0) return value;
  const shared = normalizeAxes(options.sharedAxes ?? [], value.shape.length, "dropout");
  const words = bits(
    key,
    value.shape.map((n, axis) => (shared.includes(axis) ? 1 : n)),
  );
  const kept = ops.lt(words, ops.fullLike(words, Math.floor((1 - rate) * 4294967296)));
  const scaled = ops.scale(value, 1 / (1 - rate));
  return ops.select(stretch(kept, value.shape), scaled, ops.zerosLike(value));
}
