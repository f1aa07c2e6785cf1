/**
 * Packing: copying matrix rows into the order in which register tiles read them. A panel of some lanes holds, for each p, the
 * elements (lane 0, p), (lane 1, p), ... next to each other: a step of the panel.
 */
import { transpose4x4 } from "./transpose";
import { at } from "./words";

/** A step of a panel, by its lanes: sizes that the compiler knows become offsets in loads and stores. */
@unmanaged
export class FourLanes {
  lanes: v128;
}
@unmanaged
export class EightLanes extends FourLanes {
  upTo8: v128;
}
@unmanaged
export class TwelveLanes extends EightLanes {
  upTo12: v128;
}

/** Lanes of a step. */
// @ts-ignore: decorator
@inline
export function lanesOf<Step>(): i32 {
  return <i32>(offsetof<Step>() >> 2);
}

/**
 * Packs `lanes` rows of `k` elements into panels; panel i starts at out + i width k words. Element (lane, p) lies at
 * from + lane laneStride + p kStride words. Lanes beyond the last repeat it: their results are not used.
 */
export function packPanels<Step>(
  out: usize, from: usize, lanes: i32, k: i32, laneStride: i32, kStride: i32,
): void {
  for (let lane = 0; lane < lanes; lane += lanesOf<Step>()) {
    packPanel<Step>(at(out, lane * k), at(from, lane * laneStride), lanes - lane, k, laneStride, kStride);
  }
}

/** One panel, of whose lanes the first `lanes` are there (all if there are more). */
export function packPanel<Step>(
  out: usize, from: usize, lanes: i32, k: i32, laneStride: i32, kStride: i32,
): void {
  const used = min(lanes, lanesOf<Step>());
  if (kStride == 1) packRows<Step>(out, from, used, k, laneStride);
  else if (laneStride == 1 && used == lanesOf<Step>()) packColumns<Step>(out, from, k, kStride);
  else packElements<Step>(out, from, used, k, laneStride, kStride);
}

/** Lanes whose elements lie next to each other. */
function packRows<Step>(out: usize, from: usize, used: i32, k: i32, laneStride: i32): void {
  const last = used - 1;
  for (let lane = 0; lane < lanesOf<Step>(); lane += 4) {
    transposeFourRows<Step>(
      at(out, lane), at(from, min(lane, last) * laneStride), at(from, min(lane + 1, last) * laneStride),
      at(from, min(lane + 2, last) * laneStride), at(from, min(lane + 3, last) * laneStride), k,
    );
  }
}

/** Four rows of `k` contiguous words become four neighbouring lanes of a panel. */
export function transposeFourRows<Step>(
  out: usize, row0: usize, row1: usize, row2: usize, row3: usize, k: i32,
): void {
  const wholeEnd = row0 + ((<usize>(k & ~7)) << 2);
  const end = row0 + ((<usize>k) << 2);
  while (row0 != wholeEnd) {
    out = transpose4x4(row0, row1, row2, row3, out, offsetof<Step>());
    out = transpose4x4(row0 + 16, row1 + 16, row2 + 16, row3 + 16, out, offsetof<Step>());
    row0 += 32;
    row1 += 32;
    row2 += 32;
    row3 += 32;
  }
  while (row0 != end) {
    store<f32>(out, load<f32>(row0));
    store<f32>(out, load<f32>(row1), 4);
    store<f32>(out, load<f32>(row2), 8);
    store<f32>(out, load<f32>(row3), 12);
    out += offsetof<Step>();
    row0 += 4;
    row1 += 4;
    row2 += 4;
    row3 += 4;
  }
}

/** Lanes that lie next to each other. */
function packColumns<Step>(out: usize, from: usize, k: i32, kStride: i32): void {
  const stride = (<usize>kStride) << 2;
  const wholeEnd = out + <usize>(k & ~3) * offsetof<Step>();
  const end = out + <usize>k * offsetof<Step>();
  while (out != wholeEnd) {
    copyStep<Step>(out, from);
    from += stride;
    copyStep<Step>(out + offsetof<Step>(), from);
    from += stride;
    copyStep<Step>(out + 2 * offsetof<Step>(), from);
    from += stride;
    copyStep<Step>(out + 3 * offsetof<Step>(), from);
    from += stride;
    out += 4 * offsetof<Step>();
  }
  while (out != end) {
    copyStep<Step>(out, from);
    from += stride;
    out += offsetof<Step>();
  }
}

// @ts-ignore: decorator
@inline
function copyStep<Step>(out: usize, from: usize): void {
  v128.store(out, v128.load(from));
  if (lanesOf<Step>() > 4) v128.store(out, v128.load(from, 16), 16);
  if (lanesOf<Step>() > 8) v128.store(out, v128.load(from, 32), 32);
}

function packElements<Step>(
  out: usize, from: usize, used: i32, k: i32, laneStride: i32, kStride: i32,
): void {
  for (let p = 0; p < k; p++) {
    for (let lane = 0; lane < lanesOf<Step>(); lane++) {
      store<f32>(at(out, lane), load<f32>(at(from, min(lane, used - 1) * laneStride)));
    }
    out += offsetof<Step>();
    from = at(from, kStride);
  }
}
