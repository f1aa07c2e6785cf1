import type { Lanes } from "./lanes.ts";

/** `y` with its sign flipped where `x` is negative: restores the oddness of f(|x|). */
export function signedLike<F, I, M>(lanes: Lanes<F, I, M>, y: F, x: F): F {
  const { fromBits, bits, xorI, andI, i32 } = lanes;
  return fromBits(xorI(bits(y), andI(bits(x), i32(-0x80000000))));
}
