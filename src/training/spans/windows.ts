import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import { drawn } from "../data/drawn.ts";
import { noToken } from "../data/tokens.ts";
import type { RunKeys } from "../run-keys.ts";
import { separator } from "./config.ts";
import type { AskedPassage } from "./data.ts";

/** Questions with parts of their passages, and where the answers stand. */
export interface SpanBatch<Array extends Value = Value> {
  /** i32[B, L], numbers below 0 where there is no token. */
  readonly tokens: Array;
  /** First and last token of the answer, i32[B]; -1 where the window does not hold it. */
  readonly start: Array;
  readonly end: Array;
}

/** A question, and the part of its passage from byte `from`, as much as there is room for. */
export interface PassageWindow {
  readonly asked: AskedPassage;
  readonly from: number;
}

/** Bytes of a question that a window shows, and the room that is left for the passage behind them and the separator. */
export function roomOf({ question }: AskedPassage, length: number) {
  const shown = Math.min(question.length, Math.floor(length / 2) - 1);
  return { shown, room: length - shown - 1 };
}

/** Windows as arrays; rows beyond them are padding, without an answer. */
export function gatherPassages(
  windows: readonly PassageWindow[],
  length: number,
  rows: number,
): SpanBatch<Tensor> {
  const tokens = new Int32Array(rows * length).fill(noToken);
  const [starts, ends] = [new Int32Array(rows).fill(-1), new Int32Array(rows).fill(-1)];
  windows.forEach(({ asked, from }, row) => {
    const { question, passage, answer } = asked;
    const { shown, room } = roomOf(asked, length);
    const at = row * length;
    tokens.set(question.subarray(0, shown), at);
    tokens[at + shown] = separator;
    tokens.set(passage.subarray(from, from + room), at + shown + 1);
    const [first, last] = answer.map((byte) => byte - from);
    if (first >= 0 && last < room) {
      starts[row] = shown + 1 + first;
      ends[row] = shown + 1 + last;
    }
  });
  return {
    tokens: tensorFrom("i32", [rows, length], tokens),
    start: tensorFrom("i32", [rows], starts),
    end: tensorFrom("i32", [rows], ends),
  };
}

/** Windows that cover a passage, overlapping by half, so that an answer of half a window stands whole in one of them. */
export function coveringPassage(asked: AskedPassage, length: number): readonly PassageWindow[] {
  const { room } = roomOf(asked, length);
  const last = Math.max(0, asked.passage.length - room);
  const stride = Math.max(1, Math.floor(room / 2));
  const count = Math.ceil(last / stride) + 1;
  return Array.from({ length: count }, (_, i) => ({ asked, from: Math.min(i * stride, last) }));
}

/**
 * What the step after `step` updates learns from, as a function of that number: questions drawn at random, with a part of the passage, drawn
 * too, that holds the answer.
 */
export const questionBatches =
  (
    questions: readonly AskedPassage[],
    { batch, length }: { readonly batch: number; readonly length: number },
    keys: RunKeys,
  ) =>
  (step: number): SpanBatch<Tensor> => {
    const words = keys.words(step, 2 * batch);
    const windows = Array.from({ length: batch }, (_, row): PassageWindow => {
      const asked = questions[drawn(words[2 * row], questions.length)];
      const { room } = roomOf(asked, length);
      const [first, last] = asked.answer;
      const most = Math.min(first, Math.max(0, asked.passage.length - room));
      const least = Math.min(most, Math.max(0, last + 1 - room));
      return { asked, from: least + drawn(words[2 * row + 1], most - least + 1) };
    });
    return gatherPassages(windows, length, batch);
  };
