/** What a claim's thresholds say about what was measured. They stand in the code, so that they were there before the run. */
export interface Verdict {
  readonly outcome: "holds" | "holds in part" | "does not hold at this size" | "not measured yet";
  readonly criteria: readonly Criterion[];
}

export interface Criterion {
  /** What is asked for, threshold included. */
  readonly text: string;
  /** What was measured. */
  readonly got: string;
  /** Undefined where something that it needs has not been measured. */
  readonly met: boolean | undefined;
}

/** A claim holds if all of its criteria are met. It rests on the first: it holds in part if that one is met, but not all are. */
export function judge(criteria: readonly Criterion[]): Verdict {
  const unknown = criteria.some((one) => one.met === undefined);
  const outcome = unknown
    ? "not measured yet"
    : criteria.every((one) => one.met === true)
      ? "holds"
      : criteria.at(0)?.met === true
        ? "holds in part"
        : "does not hold at this size";
  return { outcome, criteria };
}

/** A criterion on one number, which is missing as long as it is undefined; an infinite bound is one of which nothing is known. */
export const criterion = (
  text: string,
  value: number | undefined,
  holds: (value: number) => boolean,
  digits = 1,
): Criterion => ({
  text,
  got: value === undefined ? "-" : Number.isFinite(value) ? value.toFixed(digits) : "unknown",
  met: value === undefined ? undefined : holds(value),
});

/** As in `met: at least 99 (measured 100.0)`. */
export const criterionText = ({ text, got, met }: Criterion): string =>
  `${met === undefined ? "not measured" : met ? "met" : "not met"}: ${text} (measured ${got})`;

/** The outcome, and what the claim rests on. */
export const verdictSummary = ({ outcome, criteria }: Verdict): string => {
  const first = criteria.at(0);
  return first === undefined ? outcome : `${outcome}: ${first.text}: ${first.got}`;
};
