/** Operations on vectors of four lanes that SIMD lacks, lane by lane; semantics of the scalar operations. */

// @ts-ignore: decorator
@inline
function divide(a: i32, b: i32): i32 {
  // The two cases in which i32.div_s traps.
  if (b == 0) return -1;
  return b == -1 ? -a : a / b;
}

// @ts-ignore: decorator
@inline
function remainder(a: i32, b: i32): i32 {
  if (b == 0) return a;
  return b == -1 ? 0 : a % b;
}

// @ts-ignore: decorator
@inline
function divideU(a: u32, b: u32): u32 {
  return b == 0 ? <u32>-1 : a / b;
}

// @ts-ignore: decorator
@inline
function remainderU(a: u32, b: u32): u32 {
  return b == 0 ? a : a % b;
}

// @ts-ignore: decorator
@inline
function shiftLeft(a: i32, count: u32): i32 {
  return count < 32 ? a << count : 0;
}

// @ts-ignore: decorator
@inline
function shiftRight(a: i32, count: u32): i32 {
  return a >> (count < 32 ? count : 31);
}

// @ts-ignore: decorator
@inline
function shiftRightU(a: u32, count: u32): u32 {
  return count < 32 ? a >> count : 0;
}

// @ts-ignore: decorator
@inline
export function lanesOf(a: i32, b: i32, c: i32, d: i32): v128 {
  let lanes = i32x4.splat(a);
  lanes = i32x4.replace_lane(lanes, 1, b);
  lanes = i32x4.replace_lane(lanes, 2, c);
  return i32x4.replace_lane(lanes, 3, d);
}

// @ts-ignore: decorator
@inline
export function divideLanes(a: v128, b: v128): v128 {
  return lanesOf(
    divide(i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0)),
    divide(i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1)),
    divide(i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2)),
    divide(i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3)),
  );
}

// @ts-ignore: decorator
@inline
export function remainderLanes(a: v128, b: v128): v128 {
  return lanesOf(
    remainder(i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0)),
    remainder(i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1)),
    remainder(i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2)),
    remainder(i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3)),
  );
}

// @ts-ignore: decorator
@inline
export function divideLanesU(a: v128, b: v128): v128 {
  return lanesOf(
    divideU(i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0)),
    divideU(i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1)),
    divideU(i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2)),
    divideU(i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3)),
  );
}

// @ts-ignore: decorator
@inline
export function remainderLanesU(a: v128, b: v128): v128 {
  return lanesOf(
    remainderU(i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0)),
    remainderU(i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1)),
    remainderU(i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2)),
    remainderU(i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3)),
  );
}

/** Most shifts are by one number, for which there is an instruction. */
// @ts-ignore: decorator
@inline
function isOneNumber(counts: v128, first: i32): bool {
  return !v128.any_true(v128.xor(counts, i32x4.splat(first)));
}

// @ts-ignore: decorator
@inline
export function shiftLeftLanes(a: v128, counts: v128): v128 {
  const first = i32x4.extract_lane(counts, 0);
  if (isOneNumber(counts, first)) return <u32>first < 32 ? i32x4.shl(a, first) : i32x4.splat(0);
  return lanesOf(
    shiftLeft(i32x4.extract_lane(a, 0), i32x4.extract_lane(counts, 0)),
    shiftLeft(i32x4.extract_lane(a, 1), i32x4.extract_lane(counts, 1)),
    shiftLeft(i32x4.extract_lane(a, 2), i32x4.extract_lane(counts, 2)),
    shiftLeft(i32x4.extract_lane(a, 3), i32x4.extract_lane(counts, 3)),
  );
}

// @ts-ignore: decorator
@inline
export function shiftRightLanes(a: v128, counts: v128): v128 {
  const first = i32x4.extract_lane(counts, 0);
  if (isOneNumber(counts, first)) return i32x4.shr_s(a, <u32>first < 32 ? first : 31);
  return lanesOf(
    shiftRight(i32x4.extract_lane(a, 0), i32x4.extract_lane(counts, 0)),
    shiftRight(i32x4.extract_lane(a, 1), i32x4.extract_lane(counts, 1)),
    shiftRight(i32x4.extract_lane(a, 2), i32x4.extract_lane(counts, 2)),
    shiftRight(i32x4.extract_lane(a, 3), i32x4.extract_lane(counts, 3)),
  );
}

// @ts-ignore: decorator
@inline
export function shiftRightLanesU(a: v128, counts: v128): v128 {
  const first = i32x4.extract_lane(counts, 0);
  if (isOneNumber(counts, first)) return <u32>first < 32 ? i32x4.shr_u(a, first) : i32x4.splat(0);
  return lanesOf(
    shiftRightU(i32x4.extract_lane(a, 0), i32x4.extract_lane(counts, 0)),
    shiftRightU(i32x4.extract_lane(a, 1), i32x4.extract_lane(counts, 1)),
    shiftRightU(i32x4.extract_lane(a, 2), i32x4.extract_lane(counts, 2)),
    shiftRightU(i32x4.extract_lane(a, 3), i32x4.extract_lane(counts, 3)),
  );
}

/** C's fmod of each lane, exact. */
// @ts-ignore: decorator
@inline
export function remLanes(a: v128, b: v128): v128 {
  let lanes = f32x4.splat(f32x4.extract_lane(a, 0) % f32x4.extract_lane(b, 0));
  lanes = f32x4.replace_lane(lanes, 1, f32x4.extract_lane(a, 1) % f32x4.extract_lane(b, 1));
  lanes = f32x4.replace_lane(lanes, 2, f32x4.extract_lane(a, 2) % f32x4.extract_lane(b, 2));
  return f32x4.replace_lane(lanes, 3, f32x4.extract_lane(a, 3) % f32x4.extract_lane(b, 3));
}
