import { sameArrayType } from "../../../core/aval.ts";
import type { Tensor } from "../../../core/tensor.ts";
import type { ExecutionPlan, OutsideValues } from "../../../plan/index.ts";

/** Which inputs and results of a program stay in the arena. */
export interface Residency extends OutsideValues {
  /** By the input: the result that is going to be given back as this input, if one is. */
  readonly results: readonly (number | undefined)[];
}

/** What of a call was so before. */
export interface Recurrence {
  /** The input is a tensor that an earlier call had, too. */
  readonly repeats: readonly boolean[];
  /** The input is the donated result of that number of an earlier call. */
  readonly results: readonly (number | undefined)[];
}

/**
 * Watches the calls of one executable: which inputs are the same tensors again, and which are results that are given back. It keeps
 * no tensor alive.
 */
export class CallPattern {
  readonly #plan: ExecutionPlan;
  readonly #seen = new WeakSet<Tensor>();
  readonly #made = new WeakMap<Tensor, number>();

  constructor(plan: ExecutionPlan) {
    this.#plan = plan;
  }

  /** What comes again in a call that is about to happen. */
  see(inputs: readonly Tensor[], donated: readonly boolean[]): Recurrence {
    const taken = new Set<number>();
    const results = inputs.map((tensor, i) => {
      const result = donated[i] ? this.#made.get(tensor) : undefined;
      if (result === undefined || taken.has(result) || !this.#fits(i, result)) return undefined;
      taken.add(result);
      return result;
    });
    const repeats = inputs.map(
      (tensor, i) => !donated[i] && isRead(this.#plan, i) && this.#seen.has(tensor),
    );
    // Not before: one array in two places of a call does not come again.
    inputs.forEach((tensor, i) => {
      if (!donated[i] && !repeats[i]) this.#seen.add(tensor);
    });
    return { repeats, results };
  }

  /** What a call gave whose inputs may come from it. */
  made(results: readonly Tensor[]): void {
    results.forEach((tensor, i) => this.#made.set(tensor, i));
  }

  #fits(input: number, result: number): boolean {
    const { inputs, outputs } = this.#plan;
    return isRead(this.#plan, input) && sameArrayType(inputs[input].aval, outputs[result].aval);
  }
}

const isRead = ({ inputs }: ExecutionPlan, i: number): boolean =>
  inputs[i].at !== undefined && inputs[i].bytes > 0;

/** Bytes that were copied in a call, and would not have been if what recurs had stayed. */
export function avoidableBytes(
  { inputs }: ExecutionPlan,
  { repeats, results }: Recurrence,
  residency: Residency,
): number {
  return inputs.reduce((sum, { bytes }, i) => {
    if (results[i] !== undefined) {
      // In, and out again.
      return residency.results[i] === results[i] ? sum : sum + 2 * bytes;
    }
    return repeats[i] && !residency.inputs[i] ? sum + bytes : sum;
  }, 0);
}

export const nothingStays = ({ inputs, outputs }: ExecutionPlan): Residency => ({
  inputs: inputs.map(() => false),
  outputs: outputs.map(() => false),
  results: inputs.map(() => undefined),
});

/**
 * What recurs stays, besides what stays already.
 * @param overwrite - results take shape in the memory of the inputs that they will be given back as
 */
export function withRecurring(
  residency: Residency,
  { repeats, results: found }: Recurrence,
  overwrite: boolean,
): Residency {
  const taken = new Set(residency.results);
  const results = residency.results.map((known, i) =>
    known !== undefined || taken.has(found[i]) ? known : found[i],
  );
  return {
    results,
    inputs: residency.inputs.map((stays, i) => stays || repeats[i] || results[i] !== undefined),
    outputs: residency.outputs.map((_, i) => results.includes(i)),
    ...(overwrite && {
      replaces: residency.outputs.map((_, i) => {
        const input = results.indexOf(i);
        return input < 0 ? undefined : input;
      }),
    }),
  };
}
