import { checkKinds } from "../../core/arguments.ts";
import { ReformaxError } from "../../core/errors.ts";
import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { noToken, type Tokens, type TokenUnit } from "./tokens.ts";

/** One window of an evaluation: `length` tokens are predicted, those from `scoreFrom` up to `scoreTo` count. */
export interface ScoredWindow {
  /** First target's index among the tokens to be predicted. */
  readonly start: number;
  readonly scoreFrom: number;
  readonly scoreTo: number;
}

/**
 * The context rule in one sentence, for logs and reports.
 * @example
 * import { contextRule } from "reformax/training";
 * console.log(contextRule(512, 256, "byte").slice(0, 64));
 * // => every byte is predicted once, in windows of 512 that step by 256
 */
export const contextRule = (length: number, stride: number, unit: TokenUnit): string => {
  checkKinds({ unit: [unit, ["byte", "token"]] }, "contextRule");
  checkStride(length, stride, "contextRule");
  return ruleText(length, stride, unit);
};

/** Throws unless windows of `length` that step by `stride` leave nothing out. */
function checkStride(length: number, stride: number, where: string): void {
  checkKinds({ length: [length, "size"], stride: [stride, "size"] }, where);
  if (stride <= length) return;
  throw new ReformaxError("windows that step further than they are long leave tokens out", {
    where,
    expected: `a stride of 1 to ${length}`,
    got: String(stride),
  });
}

const ruleText = (length: number, stride: number, unit: TokenUnit): string =>
  `every ${unit} is predicted once, in windows of ${length} that step by ${stride}: each ${unit} sees at least ` +
  `${length - stride} ${unit}s before it, but for those of the first window, which see what there is; ` +
  `the first ${unit} of all follows ${unit === "byte" ? "a newline" : "nothing"}`;

/**
 * Windows that predict each of `count` tokens exactly once. The first window scores all of its targets; every other one
 * begins `stride` later and scores only what the ones before it left; the last one is flush with the end. Where there
 * are fewer tokens than `length`, the only window is padded and its padding is not scored.
 * @example
 * import { evaluationPlan } from "reformax/training";
 * console.log(evaluationPlan(5, 4, 2)[1]); // => { start: 1, scoreFrom: 3, scoreTo: 4 }
 */
export function evaluationPlan(
  count: number,
  length: number,
  stride: number,
): readonly ScoredWindow[] {
  checkKinds({ count: [count, "count"] }, "evaluationPlan");
  checkStride(length, stride, "evaluationPlan");
  const windows: ScoredWindow[] = [];
  for (let scored = 0; scored < count;) {
    const wanted = scored === 0 ? 0 : scored - (length - stride);
    const start = Math.max(0, Math.min(wanted, count - length));
    const scoreTo = Math.min(start + length, count);
    windows.push({ start, scoreFrom: scored - start, scoreTo: scoreTo - start });
    scored = scoreTo;
  }
  return windows;
}

/** Stands before the first byte: texts begin as a new line does. Before ids of a vocabulary there is nothing. */
const newline = 10;

/**
 * i32[batch, length + 1] of the windows: column 0 is the token before the first target. Rows beyond the windows, and
 * columns beyond the data, hold {@link noToken}, or zero where tokens are bytes.
 */
export function gatherScored(
  tokens: Tokens,
  windows: readonly ScoredWindow[],
  length: number,
  batch: number,
): Tensor {
  const width = length + 1;
  const ofBytes = tokens instanceof Uint8Array;
  const words = new Int32Array(batch * width).fill(ofBytes ? 0 : noToken);
  windows.forEach(({ start }, row) => {
    words[row * width] = start > 0 ? tokens[start - 1] : ofBytes ? newline : noToken;
    words.set(tokens.subarray(start, start + length), row * width + 1);
  });
  return tensorFrom("i32", [batch, width], words);
}
