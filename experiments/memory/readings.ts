import { combine } from "../frame/extremes.ts";
import type { Results } from "../frame/experiment.ts";
import { exponentBetween } from "../frame/statistics.ts";
import { caseName, kinds, middle, type Case, type Kind, type MemorySettings } from "./settings.ts";

/** What grows: planned bytes without the gradients of the parameters, of which every model has as many as parameters, or operations. */
export type Quantity = "memory" | "time";

/** What was measured, under what it says. */
export interface Readings {
  /** Planned bytes at the peak. */
  readonly peak: (what: Case) => number | undefined;
  readonly atLength: (kind: Kind, length: number) => Case;
  readonly atDepth: (kind: Kind, depth: number) => Case;
  /** Of the Reformer with chunks. */
  readonly withRounds: (count: number) => Case;
  /** How much more memory the deepest model needs than the shallowest, as a share. */
  readonly growth: (kind: Kind) => number | undefined;
  /** Exponents of the length, between the longest two; of the layers and the rounds, from the least to the most. */
  readonly ofLength: (kind: Kind, quantity: Quantity) => number | undefined;
  readonly ofDepth: (kind: Kind, quantity: Quantity) => number | undefined;
  readonly ofRounds: (kind: Kind, quantity: Quantity) => number | undefined;
}

export function readingsOf(settings: MemorySettings, results: Results): Readings {
  const { lengths, depths, rounds, roundCounts } = settings;
  const read = (what: Case, name: string): number | undefined => {
    const cell = caseName(what);
    return Object.hasOwn(results, cell) ? (results[cell][name] ?? undefined) : undefined;
  };
  const quantityOf = (what: Case, quantity: Quantity): number | undefined =>
    quantity === "time"
      ? read(what, "flops")
      : combine(read(what, "peak"), read(what, "parameters"), (all, one) => all - one);
  const atLength = (kind: Kind, length: number): Case => ({
    kind,
    length,
    depth: depths[0],
    rounds,
  });
  const atDepth = (kind: Kind, depth: number): Case => ({
    kind,
    length: middle(settings),
    depth,
    rounds,
  });
  const withRounds = (count: number): Case => ({ ...atDepth(chunked, depths[0]), rounds: count });
  const exponent = (
    of: (x: number) => Case,
    [low, high]: readonly [number, number],
    quantity: Quantity,
  ): number | undefined =>
    combine(quantityOf(of(low), quantity), quantityOf(of(high), quantity), (a, b) =>
      exponentBetween([low, a], [high, b]),
    );
  const ends = (values: readonly number[]) => [values[0], values[values.length - 1]] as const;
  return {
    peak: (what) => read(what, "peak"),
    atLength,
    atDepth,
    withRounds,
    growth: (kind) =>
      combine(
        ...(ends(depths).map((depth) => quantityOf(atDepth(kind, depth), "memory")) as [
          number | undefined,
          number | undefined,
        ]),
        (a, b) => b / a - 1,
      ),
    ofLength: (kind, quantity) =>
      exponent(
        (length) => atLength(kind, length),
        [lengths[lengths.length - 2], lengths[lengths.length - 1]],
        quantity,
      ),
    ofDepth: (kind, quantity) => exponent((depth) => atDepth(kind, depth), ends(depths), quantity),
    ofRounds: (kind, quantity) =>
      kinds[kind].layer === "lsh" && kind === chunked
        ? exponent(withRounds, ends(roundCounts), quantity)
        : undefined,
  };
}

/** The kind whose rounds vary. */
export const chunked: Kind = "Reformer, chunks";
