/**
 * Packing: copying matrix rows into the order in which the register tile reads them. A panel of `width` lanes holds,
 * for each p, the elements (lane 0, p), (lane 1, p), ... next to each other.
 */
import { at } from "./words";

/** Four rows of `k` contiguous words become four neighbouring lanes: out + p step holds element p of each row. */
export function transposeFourRows(
  out: usize, step: usize, row0: usize, row1: usize, row2: usize, row3: usize, k: i32,
): void {
  let p = 0;
  for (; p <= k - 4; p += 4) {
    const a = v128.load(row0);
    const b = v128.load(row1);
    const c = v128.load(row2);
    const d = v128.load(row3);
    const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5));
    out += step;
    v128.store(out, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7));
    out += step;
    v128.store(out, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5));
    out += step;
    v128.store(out, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7));
    out += step;
    row0 += 16;
    row1 += 16;
    row2 += 16;
    row3 += 16;
  }
  for (; p < k; p++) {
    store<f32>(out, load<f32>(row0));
    store<f32>(out, load<f32>(row1), 4);
    store<f32>(out, load<f32>(row2), 8);
    store<f32>(out, load<f32>(row3), 12);
    out += step;
    row0 += 4;
    row1 += 4;
    row2 += 4;
    row3 += 4;
  }
}

/**
 * Packs `lanes` rows of `k` elements into panels of `width` (4 or 8) lanes; panel i starts at out + i width k words. Element
 * (lane, p) lies at from + lane laneStride + p kStride words. Lanes beyond the last repeat it: their results are not used.
 */
export function packPanels(
  out: usize, from: usize, lanes: i32, k: i32, laneStride: i32, kStride: i32, width: i32,
): void {
  for (let lane = 0; lane < lanes; lane += width) {
    const used = min(width, lanes - lane);
    const start = at(from, lane * laneStride);
    if (kStride == 1) packContiguousRows(out, start, used, k, laneStride, width);
    else if (laneStride == 1 && used == width) packContiguousLanes(out, start, k, kStride, width);
    else packStrided(out, start, used, k, laneStride, kStride, width);
    out = at(out, width * k);
  }
}

function packContiguousRows(
  out: usize, from: usize, used: i32, k: i32, laneStride: i32, width: i32,
): void {
  const last = used - 1;
  for (let lane = 0; lane < width; lane += 4) {
    transposeFourRows(
      at(out, lane), (<usize>width) << 2,
      at(from, min(lane, last) * laneStride), at(from, min(lane + 1, last) * laneStride),
      at(from, min(lane + 2, last) * laneStride), at(from, min(lane + 3, last) * laneStride), k,
    );
  }
}

function packContiguousLanes(out: usize, from: usize, k: i32, kStride: i32, width: i32): void {
  const step = (<usize>kStride) << 2;
  if (width == 8) {
    for (let p = 0; p < k; p++) {
      v128.store(out, v128.load(from));
      v128.store(out, v128.load(from, 16), 16);
      out += 32;
      from += step;
    }
  } else {
    for (let p = 0; p < k; p++) {
      v128.store(out, v128.load(from));
      out += 16;
      from += step;
    }
  }
}

function packStrided(
  out: usize, from: usize, used: i32, k: i32, laneStride: i32, kStride: i32, width: i32,
): void {
  for (let p = 0; p < k; p++) {
    for (let lane = 0; lane < width; lane++) {
      store<f32>(at(out, lane), load<f32>(at(from, min(lane, used - 1) * laneStride)));
    }
    out = at(out, width);
    from = at(from, kStride);
  }
}
