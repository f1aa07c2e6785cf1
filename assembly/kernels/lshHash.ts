/**
 * Angular hash: the projections x . rotations are made in tiles of 4 tokens x 8 columns and go straight
 * into a running argmax; those of all tokens are never stored.
 *
 * A projection sums its d products in blocks of 256, each in order from zero, and adds the blocks in order:
 * the order depends on d alone, and is that of `matmul`.
 */
import { blockedTile } from "../support/blockedTile";
import { fillRun } from "../support/copy";
import { EightLanes, FourLanes, packPanels } from "../support/pack";
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

/**
 * Buffers: x[N, L, d], rotations[Nr, d, R, H], out i32[N, R, L], workspace (slots * (72 * d + 544) words).
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
  if (width == 0) {
    // Every projection is an empty sum.
    if (part == 0) fillRun(buffer(args, 2), 0, groups * rounds * length);
    return;
  }
  let columns = 0;
  for (let factor = 0; factor < factors; factor++) columns += load<i32>(at(sizes, factor)) >> 1;

  const workspace = at(
    buffer(args, 3), part * ((blockTokens + panelColumns) * width + stateWords * blockTokens + tileWords),
  );
  const packedTokens = at(workspace, tileWords + stateWords * blockTokens);
  const blocks = (length + blockTokens - 1) / blockTokens;
  const end = shareStart(groups * blocks, part + 1, workers);
  for (let unit = shareStart(groups * blocks, part, workers); unit < end; unit++) {
    const group = unit / blocks;
    const token = (unit - group * blocks) * blockTokens;
    const tokens = min(blockTokens, length - token);
    packPanels<FourLanes>(packedTokens, at(buffer(args, 0), (group * length + token) * width), tokens, width, width, 1);
    for (let round = 0; round < rounds; round++) {
      let place = 1;
      let rotations = at(
        buffer(args, 1), ((group % rotationGroups) * width * rounds + round) * columns,
      );
      const out = at(buffer(args, 2), (group * rounds + round) * length + token);
      for (let factor = 0; factor < factors; factor++) {
        const size = load<i32>(at(sizes, factor));
        hashFactor(rotations, out, workspace, tokens, width, rounds * columns, size >> 1, place);
        rotations = at(rotations, size >> 1);
        place *= size;
      }
    }
  }
}

/**
 * Adds place * argmax([y; -y]) to the buckets of a block of packed tokens (sets them when place is 1). The last
 * panel of columns is filled up with copies of the last column, which lose every tie against it.
 */
function hashFactor(
  rotations: usize, out: usize, workspace: usize, tokens: i32, width: i32, rowStride: i32, half: i32, place: i32,
): void {
  const tile = workspace;
  const states = at(tile, tileWords);
  const packedTokens = at(states, stateWords * blockTokens);
  const panel = at(packedTokens, blockTokens * width);
  const none = f32x4.splat(-1);
  for (let token = 0; token < tokens; token++) {
    const state = at(states, token * stateWords);
    v128.store(state, none);
    v128.store(state, i32x4.splat(0), 16);
  }
  for (let column = 0; column < half; column += panelColumns) {
    packPanels<EightLanes>(panel, at(rotations, column), min(panelColumns, half - column), width, 1, rowStride);
    for (let token = 0; token < tokens; token += 4) {
      blockedTile(width, at(packedTokens, token * width), 16, panel, 32, tile, 32, false);
      for (let row = 0; row < min(4, tokens - token); row++) {
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
