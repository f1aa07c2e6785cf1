import type { Value } from "../../core/value.ts";
import { broadcastInDim } from "../../lax/index.ts";
import { concatenate, full } from "../../numpy/index.ts";
import type { SharedContext } from "./attention-params.ts";

/** Rows that are keys and values of every token beside the text itself. */
export interface ExtraRows {
  /** f32[B, M + S, d]: memory, then another text. */
  readonly rows: Value;
  /** Which of `length` tokens and these are real, i32[B, length + M + S]; null when all are. */
  readonly valid: (length: number) => Value | null;
}

/** What a layer's memory f32[M, d] and the context of all layers add; null where they add nothing. */
export function extraRows(
  memory: Value | undefined,
  { valid, keys = null, keysValid = null }: SharedContext,
  batch: number,
): ExtraRows | null {
  if (!memory && !keys) return null;
  const ofMemory = memory ? [broadcastInDim(memory, [batch, ...memory.shape], [1, 2])] : [];
  const all = keys ? [...ofMemory, keys] : ofMemory;
  const ones = (count: number): Value => full([batch, count], 1, "i32");
  const masks = (length: number): readonly Value[] => [
    valid ?? ones(length),
    ...ofMemory.map(({ shape }) => ones(shape[1])),
    ...(keys ? [keysValid ?? ones(keys.shape[1])] : []),
  ];
  return {
    rows: all.length === 1 ? all[0] : concatenate(all, 1),
    valid: (length) => (valid || keysValid ? concatenate(masks(length), 1) : null),
  };
}
