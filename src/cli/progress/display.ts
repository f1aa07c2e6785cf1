import type { StepRecord, ValidationRecord } from "../../training/index.ts";

/** Shows how training goes. */
export interface ProgressDisplay {
  readonly step: (record: StepRecord) => void;
  readonly validation: (record: ValidationRecord) => void;
  /** A line for the reader, above the bar if there is one. */
  readonly note: (text: string) => void;
  readonly stop: () => void;
}
