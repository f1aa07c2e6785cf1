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

// @ts-ignore: decorator
@inline
export function rotateLanes(x: v128, distance: i32): v128 {
  return v128.or(i32x4.shl(x, distance), i32x4.shr_u(x, 32 - distance));
}

/**
 * Eight blocks: two vectors side by side, because one chain of rounds leaves the core half idle. Stores
 * the first words at out0 and the second ones at out1; with `joined` only their exclusive or at out0.
 */
// @ts-ignore: decorator
@inline
export function threefryEight(
  k0: v128, k1: v128, c0: v128, c1: v128, l0: v128, l1: v128, d0: v128, d1: v128,
  out0: usize, out1: usize, joined: bool,
): void {
  const parity = i32x4.splat(PARITY);
  let a = k0;
  let b = k1;
  let c = v128.xor(v128.xor(k0, k1), parity);
  let e = l0;
  let f = l1;
  let g = v128.xor(v128.xor(l0, l1), parity);
  let x0 = i32x4.add(c0, k0);
  let x1 = i32x4.add(c1, k1);
  let y0 = i32x4.add(d0, l0);
  let y1 = i32x4.add(d1, l1);
  for (let group = 1; ; group += 2) {
    x0 = i32x4.add(x0, x1);
    y0 = i32x4.add(y0, y1);
    x1 = v128.xor(rotateLanes(x1, 13), x0);
    y1 = v128.xor(rotateLanes(y1, 13), y0);
    x0 = i32x4.add(x0, x1);
    y0 = i32x4.add(y0, y1);
    x1 = v128.xor(rotateLanes(x1, 15), x0);
    y1 = v128.xor(rotateLanes(y1, 15), y0);
    x0 = i32x4.add(x0, x1);
    y0 = i32x4.add(y0, y1);
    x1 = v128.xor(rotateLanes(x1, 26), x0);
    y1 = v128.xor(rotateLanes(y1, 26), y0);
    x0 = i32x4.add(x0, x1);
    y0 = i32x4.add(y0, y1);
    x1 = v128.xor(rotateLanes(x1, 6), x0);
    y1 = v128.xor(rotateLanes(y1, 6), y0);
    const odd = i32x4.splat(group);
    x0 = i32x4.add(x0, b);
    y0 = i32x4.add(y0, f);
    x1 = i32x4.add(x1, i32x4.add(c, odd));
    y1 = i32x4.add(y1, i32x4.add(g, odd));
    if (group == 5) break;
    x0 = i32x4.add(x0, x1);
    y0 = i32x4.add(y0, y1);
    x1 = v128.xor(rotateLanes(x1, 17), x0);
    y1 = v128.xor(rotateLanes(y1, 17), y0);
    x0 = i32x4.add(x0, x1);
    y0 = i32x4.add(y0, y1);
    x1 = v128.xor(rotateLanes(x1, 29), x0);
    y1 = v128.xor(rotateLanes(y1, 29), y0);
    x0 = i32x4.add(x0, x1);
    y0 = i32x4.add(y0, y1);
    x1 = v128.xor(rotateLanes(x1, 16), x0);
    y1 = v128.xor(rotateLanes(y1, 16), y0);
    x0 = i32x4.add(x0, x1);
    y0 = i32x4.add(y0, y1);
    x1 = v128.xor(rotateLanes(x1, 24), x0);
    y1 = v128.xor(rotateLanes(y1, 24), y0);
    const even = i32x4.splat(group + 1);
    x0 = i32x4.add(x0, c);
    y0 = i32x4.add(y0, g);
    x1 = i32x4.add(x1, i32x4.add(a, even));
    y1 = i32x4.add(y1, i32x4.add(e, even));
    const third = c;
    c = b;
    b = a;
    a = third;
    const last = g;
    g = f;
    f = e;
    e = last;
  }
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
