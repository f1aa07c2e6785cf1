import type { Value } from "../../core/value.ts";
import type { ChunkedAttentionParams } from "../../ir/attention.ts";
import * as ops from "../../ir/ops.ts";

/** The index operands. */
export interface Indices {
  readonly order: Value;
  readonly inverse: Value;
  readonly buckets: Value;
  readonly valid: Value;
  readonly dropoutKey: Value;
}

/** Sizes in chunks: N groups, G chunks in all rounds, m slots per chunk, W keys per query. */
export interface Layout {
  readonly groups: number;
  readonly rounds: number;
  readonly length: number;
  readonly chunksPerRound: number;
  readonly chunks: number;
  readonly chunk: number;
  readonly offsets: readonly number[];
}

export function layoutOf(
  order: Value,
  { chunkLength, before, after }: ChunkedAttentionParams,
): Layout {
  const [groups, rounds, length] = order.shape;
  const chunksPerRound = length / chunkLength;
  const offsets = Array.from({ length: before + 1 + after }, (_, i) => i - before);
  return {
    groups,
    rounds,
    length,
    chunksPerRound,
    chunks: rounds * chunksPerRound,
    chunk: chunkLength,
    offsets,
  };
}

/** x[N, L, ...] by token as [N, chunks, m, ...] by slot. */
export function toSlots(x: Value, order: Value, layout: Layout): Value {
  const { groups, rounds, length, chunks, chunk } = layout;
  const sorted = ops.gather(x, ops.reshape(order, [groups, rounds * length]), 1);
  return ops.reshape(sorted, [groups, chunks, chunk, ...x.shape.slice(2)]);
}

/** x[N, chunks, m, ...] with the chunks moved so that chunk c holds what chunk c + offset held, around the ring. */
export function rollChunks(x: Value, offset: number, { chunks }: Layout): Value {
  const shift = ((offset % chunks) + chunks) % chunks;
  if (shift === 0) return x;
  const part = (from: number, to: number): Value =>
    ops.slice(
      x,
      x.shape.map((_, axis) => (axis === 1 ? from : 0)),
      x.shape.map((size, axis) => (axis === 1 ? to : size)),
    );
  return ops.concatenate([part(shift, chunks), part(0, shift)], 1);
}

/** Keys of every chunk's window: [N, chunks, m, ...] to [N, chunks, W, ...]. */
export const toWindows = (x: Value, layout: Layout): Value =>
  ops.concatenate(
    layout.offsets.map((offset) => rollChunks(x, offset, layout)),
    2,
  );

/** Per query along axis 2 and per key along axis 3, spread over all pairs. */
export const perQuery = (x: Value, shape: readonly number[]): Value =>
  ops.broadcastInDim(x, shape, [0, 1, 2]);
export const perKey = (x: Value, shape: readonly number[]): Value =>
  ops.broadcastInDim(x, shape, [0, 1, 3]);

/** x[N, chunks, m, ...] by slot as [N, R, L, ...] by token. */
export function toTokens(x: Value, inverse: Value, { groups, rounds, length }: Layout): Value {
  return ops.gather(ops.reshape(x, [groups, rounds, length, ...x.shape.slice(3)]), inverse, 2);
}
