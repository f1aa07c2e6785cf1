import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { drawn } from "../data/drawn.ts";
import { noToken } from "../data/tokens.ts";
import type { RunKeys } from "../run-keys.ts";
import type { ClassifiedText } from "./data.ts";
import type { LabelBatch } from "./model.ts";

/** A part of a text: `length` tokens from `start`, fewer where it is shorter. */
export interface TextWindow {
  readonly text: ClassifiedText;
  readonly start: number;
}

/** Windows as arrays, padded with {@link noToken}; rows beyond them are padding, without a label. */
export function gatherTextWindows(
  windows: readonly TextWindow[],
  length: number,
  rows: number,
): LabelBatch<Tensor> {
  const tokens = new Int32Array(rows * length).fill(noToken);
  const labels = new Int32Array(rows).fill(-1);
  windows.forEach(({ text, start }, row) => {
    tokens.set(text.tokens.subarray(start, start + length), row * length);
    labels[row] = text.label;
  });
  return {
    tokens: tensorFrom("i32", [rows, length], tokens),
    labels: tensorFrom("i32", [rows], labels),
  };
}

/** Windows that cover a text: side by side, the last one flush with its end. */
export function coveringWindows(text: ClassifiedText, length: number): readonly TextWindow[] {
  const last = Math.max(0, text.tokens.length - length);
  const count = Math.ceil(last / length) + 1;
  return Array.from({ length: count }, (_, i) => ({ text, start: Math.min(i * length, last) }));
}

/**
 * What the step after `step` updates learns from, as a function of that number: texts drawn at random, and of those that are longer than
 * a window a part that is drawn too.
 */
export const textBatches =
  (
    texts: readonly ClassifiedText[],
    { batch, length }: { readonly batch: number; readonly length: number },
    keys: RunKeys,
  ) =>
  (step: number): LabelBatch<Tensor> => {
    const words = keys.words(step, 2 * batch);
    const windows = Array.from({ length: batch }, (_, row): TextWindow => {
      const text = texts[drawn(words[2 * row], texts.length)];
      const places = Math.max(0, text.tokens.length - length) + 1;
      return { text, start: drawn(words[2 * row + 1], places) };
    });
    return gatherTextWindows(windows, length, batch);
  };
