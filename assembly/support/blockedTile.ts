import { kBlock } from "../generated/constants";
import { tile4x8 } from "../generated/tile";


/** The register tile for any k >= 0: blocks of terms as in `matmul`, each summed from zero, are added in order. */
export function blockedTile(
  k: i32, a: usize, aStep: usize, b: usize, bStep: usize, out: usize, outStep: usize, accumulate: bool,
): void {
  if (k <= 0) {
    if (!accumulate) clearTile(out, outStep);
    return;
  }
  for (; k > kBlock; k -= kBlock) {
    tile4x8(kBlock, a, aStep, b, bStep, out, outStep, accumulate);
    a += <usize>kBlock * aStep;
    b += <usize>kBlock * bStep;
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
