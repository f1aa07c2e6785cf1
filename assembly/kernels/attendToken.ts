/**
 * Attention of one new token to itself and the tokens before it: the row of jointAttention for the last token, with its bits, at the
 * cost of a row. See src/primitives/decoding/attend-token.ts.
 */
import { DUPLICATES, forwardKeys, SAME_BUCKET, slots, UNIT_KEYS } from "../generated/constants";
import { attendTile, beginBlock, finishRow, forwardWords, layOutForward, spaceOf } from "../support/attentionForward";
import { AttentionFrame } from "../support/attentionFrame";
import { keyUnit } from "../support/attentionIndices";
import { bucketOf, enterRound, ListWalk, ownSlot, slotOf } from "../support/bucketLists";
import { copyRun, fillRun } from "../support/copy";
import { gatherColumns, gatherLanes } from "../support/gatherPanels";
import { EightLanes, FourLanes } from "../support/pack";
import { rowDot } from "../support/rowSums";
import {
  listShift, NOTHING, orderedWindow, sortedWindow, textRows, TokenImmediates, TokenWindow, wholeWindow,
} from "../support/tokenWindow";
import { at, buffer, immediatesAt, shareStart } from "../support/words";

/** Argument words that are buffers. */
const buffers: i32 = 11;

@unmanaged
class TokenBuffers {
  q: usize;
  key: usize;
  value: usize;
  keys: usize;
  values: usize;
  position: usize;
  /** 0 words where tokens are not sorted. */
  bucket: usize;
  links: usize;
  ends: usize;
  out: usize;
  workspace: usize;
}

/** Words of a share in front of its frame: the immediates as this token has them, the walk and the window; a list of eight zeros. */
const immediateCount: i32 = 20;
const immediateWords: i32 = 20;
const walkWords: i32 = 12;
const windowWords: i32 = 4;
const zeroWords: i32 = 8;
const placeWords: i32 = immediateWords + walkWords + windowWords + zeroWords;

@unmanaged
class Share {
  sizes: TokenImmediates;
  walk: ListWalk;
  window: TokenWindow;
  zeros: usize;
  frame: AttentionFrame;
}

/** Positions of the longest window. */
function windowRoom(sizes: TokenImmediates): i32 {
  return max((sizes.before + 1 + sizes.after) * sizes.m, min(sizes.whole, sizes.length));
}

/** Twin of tokenWorkspaceWords in src/backends/wasm/calls/decoding.ts. */
function shareWords(sizes: TokenImmediates, queries: i32, keys: i32): i32 {
  return 8 + placeWords + ((windowRoom(sizes) + 3) & ~3) + ((forwardWords(sizes, queries, keys) + 3) & ~3);
}

function enterShare(sizes: TokenImmediates, workspace: usize, part: i32): Share {
  const keys = (min(windowRoom(sizes), forwardKeys) + 7) & ~7;
  const start = at(workspace, part * shareWords(sizes, 8, keys));
  const share = changetype<Share>(start);
  let place = at(start, 8);
  share.sizes = changetype<TokenImmediates>(place);
  place = at(place, immediateWords);
  share.walk = changetype<ListWalk>(place);
  place = at(place, walkWords);
  share.window = changetype<TokenWindow>(place);
  place = at(place, windowWords);
  share.zeros = place;
  fillRun(place, 0, zeroWords);
  place = at(place, zeroWords);
  share.window.list = place;
  place = at(place, (windowRoom(sizes) + 3) & ~3);
  share.frame = changetype<AttentionFrame>(place);
  share.frame.sizes = sizes;
  layOutForward(share.frame, 8, keys);
  share.frame.sizes = share.sizes;
  return share;
}

/**
 * Buffers: q, key, value, keys, values, position, bucket, links, ends, out, workspace. Immediates: those of jointAttention, colour
 * (not read), whole, buckets, memory, seen, ring. `length` is the capacity; without rounds tokens are in the order of their positions.
 */
export function attendToken(args: usize, part: i32, parts: i32): void {
  const sizes = changetype<TokenImmediates>(immediatesAt(args, buffers));
  parts = min(parts, min(slots, sizes.groups));
  if (part >= parts) return;
  const arrays = changetype<TokenBuffers>(args);
  const share = enterShare(sizes, arrays.workspace, part);
  const end = shareStart(sizes.groups, part + 1, parts);
  for (let group = shareStart(sizes.groups, part, parts); group < end; group++) {
    const token = load<i32>(at(arrays.position, group));
    const out = at(arrays.out, group * sizes.e);
    const rows = textRows(sizes);
    if (token < 0 || rows <= 0 || (token >= rows && sizes.ring == 0)) {
      fillRun(out, 0x7fc00000, sizes.e);
      continue;
    }
    attendGroup(arrays, sizes, share, group, token);
    finishRow(share.frame, 0, out);
  }
}

/** `token` is its position in the text. */
function attendGroup(arrays: TokenBuffers, sizes: TokenImmediates, share: Share, group: i32, token: i32): void {
  const frame = share.frame;
  const own = share.sizes;
  memory.copy(changetype<usize>(own), changetype<usize>(sizes), <usize>(immediateCount << 2));
  const rows = textRows(sizes);
  const kept = min(token, rows - 1) + 1;
  const row = token % rows;
  // Without lists a sequence is as long as its text.
  const before = sizes.rounds > 0 ? kept - 1 : token;
  const whole = before < sizes.whole - sizes.seen;
  const sorted = !whole && sizes.rounds > 0;
  if (!sorted) {
    own.flags = sizes.flags & ~(SAME_BUCKET | DUPLICATES);
    own.rounds = 1;
  }
  frame.group = group;
  frame.queries = 1;
  frame.paddedQueries = 8;
  fillRun(frame.queryTokens, row, 8);
  fillRun(frame.queryBuckets, row, 8);
  gatherLanes<EightLanes>(spaceOf(frame).queries, at(arrays.q, group * sizes.d), share.zeros, 8, sizes.d);
  beginBlock(frame);
  if (!sorted) {
    if (whole) wholeWindow(share.window, sizes, token, kept);
    else orderedWindow(share.window, sizes, token);
    attendWindow(arrays, share, row);
    return;
  }
  const walk = share.walk;
  walk.token = row;
  walk.listed = kept - 1 + sizes.seen;
  const shift = listShift(sizes);
  if (own.flags & DUPLICATES) {
    for (let round = 0; round < sizes.rounds; round++) {
      enterListed(arrays, sizes, walk, group, round);
      fillRun(at(frame.queryChunks, round * frame.queryRoom), ownSlot(walk) / sizes.m, 8);
      fillRun(at(frame.queryRoundBuckets, round * frame.queryRoom), walk.own >> shift, 8);
    }
  }
  for (let round = 0; round < sizes.rounds; round++) {
    enterListed(arrays, sizes, walk, group, round);
    frame.round = round;
    fillRun(frame.queryBuckets, walk.own >> shift, 8);
    sortedWindow(share.window, sizes, walk, arrays.links, arrays.ends, arrays.bucket, group, round);
    attendWindow(arrays, share, row);
  }
}

function enterListed(arrays: TokenBuffers, sizes: TokenImmediates, walk: ListWalk, group: i32, round: i32): void {
  const unit = group * sizes.rounds + round;
  const bucket = load<i32>(at(arrays.bucket, unit));
  enterRound(walk, arrays.links, arrays.ends, unit, sizes.length, sizes.buckets, bucket);
}

/** The token in a row against its window, block after block of keys, as jointAttention does it. */
function attendWindow(arrays: TokenBuffers, share: Share, token: i32): void {
  const frame = share.frame;
  const window = share.window;
  const sizes = share.sizes;
  const space = spaceOf(frame);
  const keys = at(arrays.keys, frame.group * sizes.length * sizes.d);
  const values = at(arrays.values, frame.group * sizes.length * sizes.e);
  const key = at(arrays.key, frame.group * sizes.d);
  const value = at(arrays.value, frame.group * sizes.e);
  for (let first = window.start; first < window.end; first += forwardKeys) {
    readTokens(share, at(window.list, first), min(forwardKeys, window.end - first), token);
    gatherLanes<FourLanes>(space.keys, keys, frame.keyRows, frame.paddedKeys, sizes.d);
    gatherColumns(space.values, values, frame.keyRows, frame.keys, sizes.e);
    for (let i = 0; i < frame.keys; i++) {
      if (load<i32>(at(frame.keyTokens, i)) != token) continue;
      // The new token's rows are elsewhere.
      const panel = at(space.keys, (i >> 2) * 4 * sizes.d + (i & 3));
      for (let c = 0; c < sizes.d; c++) store<f32>(at(panel, 4 * c), load<f32>(at(key, c)));
      for (let c = 0; c < sizes.e; c += 8) {
        copyRun(at(space.values, c * frame.keys + i * 8), at(value, c), min(8, sizes.e - c));
      }
    }
    readFactors(frame, keys, key, token);
    attendTile(frame, space, 0);
  }
}

/** A block of the window's tokens as keys. */
function readTokens(share: Share, list: usize, count: i32, token: i32): void {
  const frame = share.frame;
  const sizes = share.sizes;
  const sorted = sizes.rounds > 0 && (sizes.flags & (SAME_BUCKET | DUPLICATES)) != 0;
  const shift = listShift(sizes);
  frame.keys = count;
  frame.paddedKeys = (count + 3) & ~3;
  for (let i = 0; i < frame.paddedKeys; i++) {
    const entry = i < count ? load<i32>(at(list, i)) : NOTHING;
    const seen = entry == NOTHING ? -1 : entry < 0 ? ~entry : entry;
    // Rows of nothing, and the new token's, which are set later: any will do.
    store<i32>(at(frame.keyRows, i), seen < 0 || seen == token ? 0 : seen);
    store<i32>(at(frame.keyTokens, i), seen);
    // Nothing that is kept is behind the token.
    store<i32>(at(frame.keyLimits, i), entry < 0 ? i32.MAX_VALUE : 0);
    const list = !sorted || seen < 0 ? 0 : seen == token ? share.walk.own : bucketOf(share.walk, seen);
    store<i32>(at(frame.keyBuckets, i), list >> shift);
  }
  if (sizes.flags & DUPLICATES) readMeetings(share, token);
}

/** Chunk and bucket of each key in every round: the walk looks up slots in each, and is in its own again afterwards. */
function readMeetings(share: Share, token: i32): void {
  const frame = share.frame;
  const sizes = share.sizes;
  const walk = share.walk;
  const links = walk.links;
  const starts = walk.starts;
  const own = walk.own;
  const shift = listShift(sizes);
  for (let round = 0; round < sizes.rounds; round++) {
    const distance = round - frame.round;
    walk.links = at(links, distance * sizes.length * 4);
    walk.starts = at(starts, distance * 3 * sizes.buckets);
    // A token of the text is in the first list of its bucket.
    const bucket = load<i32>(at(frame.queryRoundBuckets, round * frame.queryRoom));
    walk.own = bucket << shift;
    const chunk = load<i32>(at(frame.queryChunks, round * frame.queryRoom));
    for (let i = 0; i < frame.paddedKeys; i++) {
      const seen = load<i32>(at(frame.keyTokens, i));
      const isOwn = seen == token;
      const listed = seen >= 0 && !isOwn;
      store<i32>(at(frame.keyChunks, round * frame.keyRoom + i), listed ? slotOf(walk, seen) / sizes.m : chunk);
      const found = listed ? bucketOf(walk, seen) >> shift : bucket;
      store<i32>(at(frame.keyRoundBuckets, round * frame.keyRoom + i), found);
    }
  }
  walk.links = links;
  walk.starts = starts;
  walk.own = own;
}

/** What turns dot products into logits; see readKeyFactors in attentionIndices.ts. */
function readFactors(frame: AttentionFrame, keys: usize, key: usize, token: i32): void {
  const sizes = frame.sizes;
  if ((sizes.flags & UNIT_KEYS) == 0) {
    fillRun(frame.keyFactors, reinterpret<i32>(sizes.scale), frame.paddedKeys);
    return;
  }
  for (let i = 0; i < frame.paddedKeys; i++) {
    const seen = load<i32>(at(frame.keyTokens, i));
    const row = seen == token ? key : at(keys, load<i32>(at(frame.keyRows, i)) * sizes.d);
    store<f32>(at(frame.keyFactors, i), sizes.scale * keyUnit(row, sizes));
  }
}
