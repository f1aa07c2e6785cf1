import { tensorFrom, type Tensor } from "../../core/tensor.ts";

/** One window of an evaluation: `length` bytes are predicted, those from `scoreFrom` up to `scoreTo` count. */
export interface ScoredWindow {
  /** First target's index among the bytes to be predicted. */
  readonly start: number;
  readonly scoreFrom: number;
  readonly scoreTo: number;
}

/** The context rule in one sentence, for logs and reports. */
export const contextRule = (length: number, stride: number): string =>
  `every byte is predicted once, in windows of ${length} that step by ${stride}: each byte sees at least ` +
  `${length - stride} bytes before it, but for those of the first window, which see what there is; ` +
  `the first byte of all follows a newline`;

/**
 * Windows that predict each of `bytes` bytes exactly once. The first window scores all of its targets; every other one
 * begins `stride` later and scores only what the ones before it left; the last one is flush with the end. Where there
 * are fewer bytes than `length`, the only window is padded and its padding is not scored.
 */
export function evaluationPlan(
  bytes: number,
  length: number,
  stride: number,
): readonly ScoredWindow[] {
  const windows: ScoredWindow[] = [];
  for (let scored = 0; scored < bytes;) {
    const wanted = scored === 0 ? 0 : scored - (length - stride);
    const start = Math.max(0, Math.min(wanted, bytes - length));
    const scoreTo = Math.min(start + length, bytes);
    windows.push({ start, scoreFrom: scored - start, scoreTo: scoreTo - start });
    scored = scoreTo;
  }
  return windows;
}

/** The byte that stands before the first one: texts begin as a new line does. */
const newline = 10;

/**
 * i32[batch, length + 1] of the windows: column 0 is the byte before the first target. Rows beyond the windows, and
 * columns beyond the data, are zero.
 */
export function gatherScored(
  bytes: Uint8Array,
  windows: readonly ScoredWindow[],
  length: number,
  batch: number,
): Tensor {
  const width = length + 1;
  const words = new Int32Array(batch * width);
  windows.forEach(({ start }, row) => {
    words[row * width] = start === 0 ? newline : bytes[start - 1];
    words.set(bytes.subarray(start, start + length), row * width + 1);
  });
  return tensorFrom("i32", [batch, width], words);
}
