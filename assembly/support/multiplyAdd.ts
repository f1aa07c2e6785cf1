/**
 * sum + a b. The strict build rounds twice, which is the same everywhere; the relaxed build leaves it to the engine, and
 * engines round once where the processor can, which is twice as fast on most.
 */
// @ts-ignore: decorator
@inline
export function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(sum, f32x4.mul(a, b));
}
