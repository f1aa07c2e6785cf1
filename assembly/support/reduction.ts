/** The operations of `reduce` on vectors and scalars; the codes are those of docs/design/kernels.md. */

// @ts-ignore: decorator
@inline
export const SUM_F32: i32 = 0;
// @ts-ignore: decorator
@inline
export const PRODUCT_F32: i32 = 1;
// @ts-ignore: decorator
@inline
export const MAX_F32: i32 = 2;
// @ts-ignore: decorator
@inline
export const MIN_F32: i32 = 3;
// @ts-ignore: decorator
@inline
export const SUM_I32: i32 = 4;
// @ts-ignore: decorator
@inline
export const PRODUCT_I32: i32 = 5;
// @ts-ignore: decorator
@inline
export const MAX_I32: i32 = 6;
// @ts-ignore: decorator
@inline
export const MIN_I32: i32 = 7;
// @ts-ignore: decorator
@inline
export const MAX_U32: i32 = 8;
// @ts-ignore: decorator
@inline
export const MIN_U32: i32 = 9;
// @ts-ignore: decorator
@inline
export const AND: i32 = 10;
// @ts-ignore: decorator
@inline
export const OR: i32 = 11;

/** Bits of the element that changes nothing; also the result over no elements. */
export function neutralBits(op: i32): i32 {
  if (op == PRODUCT_F32) return reinterpret<i32>(<f32>1);
  if (op == MAX_F32) return reinterpret<i32>(<f32>-Infinity);
  if (op == MIN_F32) return reinterpret<i32>(<f32>Infinity);
  if (op == PRODUCT_I32 || op == AND) return 1;
  if (op == MAX_I32) return i32.MIN_VALUE;
  if (op == MIN_I32) return i32.MAX_VALUE;
  if (op == MIN_U32) return -1;
  return 0;
}

/** Lane by lane. WASM's f32 min and max propagate NaN and order -0 below +0. */
// @ts-ignore: decorator
@inline
export function combine(op: i32, a: v128, b: v128): v128 {
  if (op == SUM_F32) return f32x4.add(a, b);
  if (op == PRODUCT_F32) return f32x4.mul(a, b);
  if (op == MAX_F32) return f32x4.max(a, b);
  if (op == MIN_F32) return f32x4.min(a, b);
  if (op == SUM_I32) return i32x4.add(a, b);
  if (op == PRODUCT_I32) return i32x4.mul(a, b);
  if (op == MAX_I32) return i32x4.max_s(a, b);
  if (op == MIN_I32) return i32x4.min_s(a, b);
  if (op == MAX_U32) return i32x4.max_u(a, b);
  if (op == MIN_U32) return i32x4.min_u(a, b);
  if (op == AND) return v128.and(a, b);
  return v128.or(a, b);
}

/** One to three words in the low lanes, `neutral` in the others: a tail that the vector body can take. */
export function loadTail(from: usize, count: i32, neutral: v128): v128 {
  let lanes = i32x4.replace_lane(neutral, 0, load<i32>(from));
  if (count > 1) lanes = i32x4.replace_lane(lanes, 1, load<i32>(from, 4));
  if (count > 2) lanes = i32x4.replace_lane(lanes, 2, load<i32>(from, 8));
  return lanes;
}

/** Stores the low `count` (1 to 4) lanes. */
export function storeLanes(out: usize, lanes: v128, count: i32): void {
  if (count == 4) {
    v128.store(out, lanes);
    return;
  }
  v128.store_lane<u32>(out, lanes, 0);
  if (count > 1) v128.store_lane<u32>(out, lanes, 1, 4);
  if (count > 2) v128.store_lane<u32>(out, lanes, 2, 8);
}
