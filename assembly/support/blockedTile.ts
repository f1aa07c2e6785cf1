import { tile4x8 } from "../generated/tile";

/** Terms that are summed before their sum joins the others, as in `matmul`. */
const block: i32 = 256;

/** The register tile for any k >= 0: blocks of 256 terms, each summed from zero, are added in order. */
export function blockedTile(
  k: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, outStep: usize, accumulate: bool,
): void {
  if (k <= 0) {
    if (!accumulate) clearTile(out, outStep);
    return;
  }
  for (; k > block; k -= block) {
    tile4x8(block, a, aStep, b, bStep, out, outStep, accumulate);
    a += <usize>block * aStep;
    b += <usize>block * bStep;
    accumulate = true;
  }
  tile4x8(k, a, aStep, b, bStep, out, outStep, accumulate);
}

function clearTile(out: usize, outStep: usize): void {
  for (let row = 0; row < 4; row++) {
    v128.store(out, f32x4.splat(0));
    v128.store(out, f32x4.splat(0), 16);
    out += outStep;
  }
}
