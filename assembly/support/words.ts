/** Reading a kernel's argument words, addressing words, and sharing out work. */

/** Address of buffer number `index`. */
// @ts-ignore: decorator
@inline
export function buffer(args: usize, index: i32): usize {
  return <usize>load<u32>(args + ((<usize>index) << 2));
}

/** Argument word number `index`; immediates follow the buffers. */
// @ts-ignore: decorator
@inline
export function immediate(args: usize, index: i32): i32 {
  return load<i32>(args + ((<usize>index) << 2));
}

/** Address of the argument word `index`, for lists of immediates. */
// @ts-ignore: decorator
@inline
export function immediatesAt(args: usize, index: i32): usize {
  return args + ((<usize>index) << 2);
}

/** Address of word `index` behind `base`; wraps modulo 2^32, so that negative offsets work. */
// @ts-ignore: decorator
@inline
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/**
 * First unit of share `part` when `count` units are dealt to `parts` workers: share p is
 * [shareStart(count, p, parts), shareStart(count, p + 1, parts)).
 */
export function shareStart(count: i32, part: i32, parts: i32): i32 {
  return <i32>((<u64>count * <u64>part) / <u64>parts);
}

/** {@link shareStart} rounded down to a multiple of `grain`, so that shares keep vector alignment. */
export function alignedShareStart(count: i32, part: i32, parts: i32, grain: i32): i32 {
  if (part >= parts) return count;
  const start = shareStart(count, part, parts);
  return start - (start % grain);
}
