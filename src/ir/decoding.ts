/** What the operations of cached decoding take: their params, and the sizes that their operands have. */
import type { Aval } from "../core/aval.ts";
import type { AttentionWindow, JointAttentionParams } from "./attention.ts";

/** Where the rows of C kept tokens are: token t of the text in row t, the last `memory` rows hold no text. */
export interface TokenRoom {
  /** Rows that are there from the beginning, and stay. */
  readonly memory: number;
  /** Token t is in row t modulo C - memory: the text goes on, and its first tokens are forgotten. */
  readonly ring: boolean;
}

/** How a token attends to itself and to those before it; see `primitives/decoding/attend-token.ts`. */
export interface AttendTokenParams
  extends
    AttentionWindow,
    TokenRoom,
    Pick<JointAttentionParams, "sameBucket" | "selfMask" | "duplicates" | "scale" | "unitKeys"> {
  /**
   * Sequences of at most so many tokens are attended to whole: no chunks, rounds or buckets. With lists tokens are counted that are
   * kept, without those of the text; and memory where it is seen.
   */
  readonly whole: number;
  /** Whether memory is seen, behind the text. With lists it has to be, without them whole sequences alone do. */
  readonly seesMemory: boolean;
}

/** `whole` of tokens that always see all that is kept. */
export const alwaysWhole = 2 ** 31 - 1;

/** Most tokens that are seen at a time. */
export const windowTokens = (
  { chunkLength, before, after, whole }: AttendTokenParams,
  { capacity }: Pick<TokenSizes, "capacity">,
): number => Math.max((before + 1 + after) * chunkLength, Math.min(whole, capacity));

/** Words that are kept of a token in a round, and of a bucket: see `primitives/decoding/insert-token.ts`. */
export const listWords = {
  link: { bucket: 0, rank: 1, previous: 2, next: 3, count: 4 },
  end: { start: 0, head: 1, tail: 2, count: 3 },
} as const;

/** N groups, room for C tokens, R rounds of B buckets (no rounds: R = B = 0), query width d, value width e. */
export interface TokenSizes {
  readonly groups: number;
  readonly capacity: number;
  readonly rounds: number;
  readonly buckets: number;
  readonly width: number;
  readonly valueWidth: number;
}

/** The operands of attendToken by name, from those that its params ask for. */
export interface TokenOperands<T> {
  readonly q: T;
  /** The queries with unit keys. */
  readonly key: T;
  readonly value: T;
  readonly keys: T;
  readonly values: T;
  readonly position: T;
  /** Absent where tokens are in the order of their positions. */
  readonly lists?: { readonly bucket: T; readonly links: T; readonly ends: T };
}

export function tokenOperands<T>(
  operands: readonly T[],
  { unitKeys }: Pick<AttendTokenParams, "unitKeys">,
): TokenOperands<T> {
  const [q, ...rest] = operands;
  const [key, value, keys, values, position, ...lists] = unitKeys === null ? rest : [q, ...rest];
  const [bucket, links, ends] = lists;
  const all = { q, key, value, keys, values, position };
  return lists.length === 0 ? all : { ...all, lists: { bucket, links, ends } };
}

export function tokenSizes({ q, value, keys, lists }: TokenOperands<Aval>): TokenSizes {
  return {
    groups: q.shape[0],
    capacity: keys.shape[1],
    rounds: lists?.links.shape[1] ?? 0,
    buckets: lists?.ends.shape[3] ?? 0,
    width: q.shape[1],
    valueWidth: value.shape[1],
  };
}
