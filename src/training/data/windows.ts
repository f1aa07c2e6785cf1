import { checkKinds, checkRecord, type KindsOf } from "../../core/arguments.ts";
import { listOf, type Kind } from "../../core/kinds.ts";
import { tokensKind } from "../value-kinds.ts";
import { ReformaxError } from "../../core/errors.ts";
import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { noToken, type Tokens } from "./tokens.ts";

/** What training windows are: anywhere in the data, one behind the other, or each all of the data. */
export type WindowOrder = "random" | "contiguous" | "whole";

/**
 * Uniform 32-bit words that belong to a step: a function of the step alone, so that a resumed run draws the windows
 * that the uninterrupted one would have drawn.
 */
export type RandomWords = (step: number, count: number) => Uint32Array;

export interface WindowPlan {
  readonly order: WindowOrder;
  /** Number of training tokens. */
  readonly tokens: number;
  /** Predicted tokens per window: a window takes one more. */
  readonly length: number;
  readonly batch: number;
  readonly words: RandomWords;
}

const planKinds: KindsOf<WindowPlan> = {
  order: ["random", "contiguous", "whole"],
  tokens: "count",
  length: "size",
  batch: "size",
  words: "function",
};

const wholeKind: Kind = { expected: "an integer", is: Number.isInteger };

/**
 * First tokens of the windows of a step. Random starts are uniform over all windows that fit. Contiguous windows follow
 * each other through the data, the last one flush with its end, so that an epoch covers every token. Windows of whole
 * data begin at or before their first token, uniformly over all places at which the data lie within the window.
 * @example
 * import { runKeys, windowStarts, type WindowPlan } from "reformax/training";
 * const { words } = runKeys(0);
 * const plan: WindowPlan = { order: "contiguous", tokens: 100, length: 10, batch: 3, words };
 * console.log(windowStarts(plan, 0), windowStarts(plan, 1)); // => [ 0, 10, 20 ] [ 30, 40, 50 ]
 */
export function windowStarts(plan: WindowPlan, step: number): readonly number[] {
  checkRecord(plan, planKinds, "plan", "windowStarts");
  checkKinds({ step: [step, "count"] }, "windowStarts");
  const { order, tokens, length, batch } = plan;
  const last = tokens - 1 - length;
  if (order === "whole" ? last > 0 : last < 0) {
    throw new ReformaxError(`too ${last < 0 ? "few" : "many"} tokens for one window`, {
      where: "windowStarts",
      expected: `at ${last < 0 ? "least" : "most"} ${length + 1}`,
      got: String(tokens),
    });
  }
  if (order === "contiguous") {
    const perEpoch = Math.ceil((tokens - 1) / length);
    const first = step * batch;
    return Array.from({ length: batch }, (_, row) =>
      Math.min(((first + row) % perEpoch) * length, last),
    );
  }
  const places = Math.abs(last) + 1;
  // A word times fewer than 2^31 places keeps 22 bits behind the point in a double: never rounded up to the count.
  const drawn = Array.from(plan.words(step, batch), (word) =>
    Math.floor((word * places) / 2 ** 32),
  );
  return order === "whole" ? drawn.map((place) => 0 - place) : drawn;
}

/**
 * Windows of `length + 1` tokens as i32[starts, length + 1]: inputs are all but the last, targets all but the first.
 * Where a window reaches beyond the data there is {@link noToken}.
 * @example
 * import { gatherWindows } from "reformax/training";
 * console.log(gatherWindows(Uint8Array.of(5, 6, 7, 8, 9), [0, 2], 2).toArray());
 * // => [ [ 5, 6, 7 ], [ 7, 8, 9 ] ]
 */
export function gatherWindows(tokens: Tokens, starts: readonly number[], length: number): Tensor {
  checkKinds(
    { tokens: [tokens, tokensKind], starts: [starts, listOf(wholeKind)], length: [length, "size"] },
    "gatherWindows",
  );
  const width = length + 1;
  const words = new Int32Array(starts.length * width).fill(noToken);
  starts.forEach((start, row) => {
    const from = Math.max(0, start);
    words.set(tokens.subarray(from, start + width), row * width + from - start);
  });
  return tensorFrom("i32", [starts.length, width], words);
}
