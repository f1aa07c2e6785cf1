/**
 * Angular hash: the projections x . rotations are made in tiles of 4 tokens x 8 columns and go straight
 * into a running argmax; those of all tokens are never stored.
 *
 * A projection sums its d products in blocks of 256, each in order from zero, and adds the blocks in order:
 * the order depends on d alone, and is that of `matmul`.
 */
import { at, buffer, immediate, immediatesAt, shareStart } from "../support/words";

/** Tokens that share a packed panel of rotations. */
// @ts-ignore: decorator
@inline
const blockTokens: i32 = 64;
/** Running argmax of a token: 4 lanes of |y| and 4 of candidate positions. */
// @ts-ignore: decorator
@inline
const stateWords: i32 = 8;
// @ts-ignore: decorator
@inline
const panelColumns: i32 = 8;
// @ts-ignore: decorator
@inline
const tileWords: i32 = 32;
// @ts-ignore: decorator
@inline
const contractionBlock: i32 = 256;

/**
 * Buffers: x[N, L, d], rotations[Nr, d, R, H], out i32[N, R, L], workspace (slots * (8 * d + 544) words).
 * Immediates: N, Nr, L, d, R, slots, factors, sizes[factors]; H = sum(sizes) / 2. Shares are blocks of 64
 * tokens; parts from `slots` on do nothing.
 */
export function lshHash(args: usize, part: i32, parts: i32): void {
  const groups = immediate(args, 4);
  const rotationGroups = immediate(args, 5);
  const length = immediate(args, 6);
  const width = immediate(args, 7);
  const rounds = immediate(args, 8);
  const workers = min(parts, immediate(args, 9));
  const factors = immediate(args, 10);
  const sizes = immediatesAt(args, 11);
  if (part >= workers) return;
  let columns = 0;
  for (let factor = 0; factor < factors; factor++) columns += load<i32>(at(sizes, factor)) >> 1;

  const workspace = at(buffer(args, 3), part * (panelColumns * width + stateWords * blockTokens + tileWords));
  const blocks = (length + blockTokens - 1) / blockTokens;
  const end = shareStart(groups * blocks, part + 1, workers);
  for (let unit = shareStart(groups * blocks, part, workers); unit < end; unit++) {
    const group = unit / blocks;
    const token = (unit - group * blocks) * blockTokens;
    const tokens = min(blockTokens, length - token);
    const x = at(buffer(args, 0), (group * length + token) * width);
    for (let round = 0; round < rounds; round++) {
      let place = 1;
      let rotations = at(
        buffer(args, 1), ((group % rotationGroups) * width * rounds + round) * columns,
      );
      const out = at(buffer(args, 2), (group * rounds + round) * length + token);
      for (let factor = 0; factor < factors; factor++) {
        const size = load<i32>(at(sizes, factor));
        hashFactor(x, rotations, out, workspace, tokens, width, rounds * columns, size >> 1, place);
        rotations = at(rotations, size >> 1);
        place *= size;
      }
    }
  }
}

/** Adds place * argmax([y; -y]) to the buckets of a block of tokens (sets them when place is 1). */
function hashFactor(
  x: usize, rotations: usize, out: usize, workspace: usize, tokens: i32, width: i32, rowStride: i32, half: i32,
  place: i32,
): void {
  const tile = workspace;
  const states = at(workspace, tileWords);
  const panel = at(states, stateWords * blockTokens);
  const none = f32x4.splat(-1);
  for (let token = 0; token < tokens; token++) {
    const state = at(states, token * stateWords);
    v128.store(state, none);
    v128.store(state, i32x4.splat(0), 16);
  }
  for (let column = 0; column < half; column += panelColumns) {
    packPanel(at(rotations, column), panel, width, rowStride, min(panelColumns, half - column));
    for (let token = 0; token < tokens; token += 4) {
      const rows = min(4, tokens - token);
      projectTile(x, panel, tile, token, rows, width);
      for (let row = 0; row < rows; row++) {
        updateState(at(states, (token + row) * stateWords), at(tile, row * panelColumns), column, half);
      }
    }
  }
  for (let token = 0; token < tokens; token++) {
    const position = bestPosition(at(states, token * stateWords));
    const bucket = at(out, token);
    store<i32>(bucket, place == 1 ? position : load<i32>(bucket) + place * position);
  }
}

/** Eight columns of the rotations, row by row; missing ones are NaN, which never wins. */
function packPanel(rotations: usize, panel: usize, width: i32, rowStride: i32, columns: i32): void {
  for (let k = 0; k < width; k++) {
    const row = at(rotations, k * rowStride);
    const target = at(panel, k * panelColumns);
    if (columns == panelColumns) {
      v128.store(target, v128.load(row));
      v128.store(target, v128.load(row, 16), 16);
    } else {
      for (let i = 0; i < panelColumns; i++) store<f32>(at(target, i), i < columns ? load<f32>(at(row, i)) : f32.NaN);
    }
  }
}

/** tile[4, 8] = the rows of x from `token` on, times the panel; rows beyond `rows` repeat the last one. */
function projectTile(x: usize, panel: usize, tile: usize, token: i32, rows: i32, width: i32): void {
  let x0 = at(x, token * width);
  let x1 = at(x, (token + min(1, rows - 1)) * width);
  let x2 = at(x, (token + min(2, rows - 1)) * width);
  let x3 = at(x, (token + min(3, rows - 1)) * width);
  let start = 0;
  do {
    let a0 = f32x4.splat(0), b0 = f32x4.splat(0);
    let a1 = f32x4.splat(0), b1 = f32x4.splat(0);
    let a2 = f32x4.splat(0), b2 = f32x4.splat(0);
    let a3 = f32x4.splat(0), b3 = f32x4.splat(0);
    for (let k = min(contractionBlock, width - start); k > 0; k--) {
      const low = v128.load(panel);
      const high = v128.load(panel, 16);
      const s0 = v128.load32_splat(x0);
      a0 = f32x4.add(a0, f32x4.mul(s0, low));
      b0 = f32x4.add(b0, f32x4.mul(s0, high));
      const s1 = v128.load32_splat(x1);
      a1 = f32x4.add(a1, f32x4.mul(s1, low));
      b1 = f32x4.add(b1, f32x4.mul(s1, high));
      const s2 = v128.load32_splat(x2);
      a2 = f32x4.add(a2, f32x4.mul(s2, low));
      b2 = f32x4.add(b2, f32x4.mul(s2, high));
      const s3 = v128.load32_splat(x3);
      a3 = f32x4.add(a3, f32x4.mul(s3, low));
      b3 = f32x4.add(b3, f32x4.mul(s3, high));
      panel += 4 * panelColumns;
      x0 += 4;
      x1 += 4;
      x2 += 4;
      x3 += 4;
    }
    storeTileRow(tile, a0, b0, start);
    storeTileRow(tile + 32, a1, b1, start);
    storeTileRow(tile + 64, a2, b2, start);
    storeTileRow(tile + 96, a3, b3, start);
    start += contractionBlock;
  } while (start < width);
}

/** The first block of the contraction sets the row, later ones are added. */
// @ts-ignore: decorator
@inline
function storeTileRow(row: usize, low: v128, high: v128, start: i32): void {
  v128.store(row, start == 0 ? low : f32x4.add(v128.load(row), low));
  v128.store(row, start == 0 ? high : f32x4.add(v128.load(row, 16), high), 16);
}

/**
 * Each lane keeps the largest |y| and the position in [y; -y] that it belongs to: y >= 0 is in the first
 * half. Of equal values the lower position wins.
 */
// @ts-ignore: decorator
@inline
function updateState(state: usize, row: usize, column: i32, half: i32): void {
  let best = v128.load(state);
  let position = v128.load(state, 16);
  for (let i = 0; i < panelColumns; i += 4) {
    const y = v128.load(at(row, i));
    const size = f32x4.abs(y);
    const negative = f32x4.lt(y, f32x4.splat(0));
    const candidate = i32x4.add(
      i32x4.add(i32x4.splat(column + i), i32x4(0, 1, 2, 3)),
      v128.and(negative, i32x4.splat(half)),
    );
    const wins = v128.or(
      f32x4.gt(size, best),
      v128.and(f32x4.eq(size, best), i32x4.lt_s(candidate, position)),
    );
    best = v128.bitselect(size, best, wins);
    position = v128.bitselect(candidate, position, wins);
  }
  v128.store(state, best);
  v128.store(state, position, 16);
}

/** The lowest position among the lanes that hold the largest value; 0 if every projection was NaN. */
function bestPosition(state: usize): i32 {
  let best = load<f32>(state);
  let position = load<i32>(state, 16);
  for (let lane = 1; lane < 4; lane++) {
    const value = load<f32>(at(state, lane));
    const candidate = load<i32>(at(state, 4 + lane));
    if (value > best || (value == best && candidate < position)) {
      best = value;
      position = candidate;
    }
  }
  return position;
}
