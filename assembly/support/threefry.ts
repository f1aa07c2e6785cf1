/** Threefry-2x32-20 (Salmon et al. 2011). Rotations 13 15 26 6 and 17 29 16 24 alternate; the key is added every four rounds. */

/** The key schedule's third word is the exclusive or of the key and this. */
// @ts-ignore: decorator
@inline
export const PARITY: i32 = 0x1bd11bda;

/** One block: the first word in the low half, the second in the high half. */
export function threefryBlock(k0: i32, k1: i32, c0: i32, c1: i32): u64 {
  let a = k0;
  let b = k1;
  let c = k0 ^ k1 ^ PARITY;
  let x0 = c0 + k0;
  let x1 = c1 + k1;
  for (let group = 1; ; group += 2) {
    x0 += x1;
    x1 = rotl<i32>(x1, 13) ^ x0;
    x0 += x1;
    x1 = rotl<i32>(x1, 15) ^ x0;
    x0 += x1;
    x1 = rotl<i32>(x1, 26) ^ x0;
    x0 += x1;
    x1 = rotl<i32>(x1, 6) ^ x0;
    x0 += b;
    x1 += c + group;
    if (group == 5) break;
    x0 += x1;
    x1 = rotl<i32>(x1, 17) ^ x0;
    x0 += x1;
    x1 = rotl<i32>(x1, 29) ^ x0;
    x0 += x1;
    x1 = rotl<i32>(x1, 16) ^ x0;
    x0 += x1;
    x1 = rotl<i32>(x1, 24) ^ x0;
    x0 += c;
    x1 += a + group + 1;
    const third = c;
    c = b;
    b = a;
    a = third;
  }
  return <u64>(<u32>x0) | ((<u64>(<u32>x1)) << 32);
}

/** Rotates by `distance` and mixes with the other word. */
// @ts-ignore: decorator
@inline
function mix(x: v128, other: v128, distance: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(x, distance), i32x4.shr_u(x, 32 - distance)), other);
}

/** Adds a key word and the number of the group of rounds. */
// @ts-ignore: decorator
@inline
function inject(x: v128, key: v128, group: i32): v128 {
  return i32x4.add(x, i32x4.add(key, i32x4.splat(group)));
}

/**
 * Eight blocks: two vectors side by side, because one chain of rounds leaves the core half idle. Stores
 * the first words at out0 and the second ones at out1; with `joined` only their exclusive or at out0. Keys are
 * (a, b) and (e, f), counters (c0, c1) and (d0, d1).
 */
// @ts-ignore: decorator
@inline
export function threefryEight(
  a: v128, b: v128, c0: v128, c1: v128, e: v128, f: v128, d0: v128, d1: v128, out0: usize, out1: usize, joined: bool,
): void {
  const c = v128.xor(v128.xor(a, b), i32x4.splat(PARITY));
  const g = v128.xor(v128.xor(e, f), i32x4.splat(PARITY));
  let x0 = i32x4.add(c0, a);
  let y0 = i32x4.add(d0, e);
  let x1 = i32x4.add(c1, b);
  let y1 = i32x4.add(d1, f);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 13); y1 = mix(y1, y0, 13);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 15); y1 = mix(y1, y0, 15);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 26); y1 = mix(y1, y0, 26);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 6); y1 = mix(y1, y0, 6);
  x0 = i32x4.add(x0, b); y0 = i32x4.add(y0, f); x1 = inject(x1, c, 1); y1 = inject(y1, g, 1);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 17); y1 = mix(y1, y0, 17);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 29); y1 = mix(y1, y0, 29);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 16); y1 = mix(y1, y0, 16);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 24); y1 = mix(y1, y0, 24);
  x0 = i32x4.add(x0, c); y0 = i32x4.add(y0, g); x1 = inject(x1, a, 2); y1 = inject(y1, e, 2);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 13); y1 = mix(y1, y0, 13);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 15); y1 = mix(y1, y0, 15);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 26); y1 = mix(y1, y0, 26);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 6); y1 = mix(y1, y0, 6);
  x0 = i32x4.add(x0, a); y0 = i32x4.add(y0, e); x1 = inject(x1, b, 3); y1 = inject(y1, f, 3);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 17); y1 = mix(y1, y0, 17);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 29); y1 = mix(y1, y0, 29);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 16); y1 = mix(y1, y0, 16);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 24); y1 = mix(y1, y0, 24);
  x0 = i32x4.add(x0, b); y0 = i32x4.add(y0, f); x1 = inject(x1, c, 4); y1 = inject(y1, g, 4);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 13); y1 = mix(y1, y0, 13);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 15); y1 = mix(y1, y0, 15);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 26); y1 = mix(y1, y0, 26);
  x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); x1 = mix(x1, x0, 6); y1 = mix(y1, y0, 6);
  x0 = i32x4.add(x0, c); y0 = i32x4.add(y0, g); x1 = inject(x1, a, 5); y1 = inject(y1, e, 5);
  if (joined) {
    v128.store(out0, v128.xor(x0, x1));
    v128.store(out0, v128.xor(y0, y1), 16);
  } else {
    v128.store(out0, x0);
    v128.store(out0, y0, 16);
    v128.store(out1, x1);
    v128.store(out1, y1, 16);
  }
}
