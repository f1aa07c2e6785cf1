import type { MeasuredRecord, RecordOf, Task } from "../../training/index.ts";

/** What a display has to know of a task. */
export type Shown = Pick<Task, "metrics" | "measured">;

/** The record of a step, whatever the task. */
export type AnyRecord = RecordOf<object>;

/** Shows how training goes. */
export interface ProgressDisplay {
  readonly step: (record: AnyRecord) => void;
  readonly validation: (record: MeasuredRecord<object>) => void;
  /** A line for the reader, above the bar if there is one. */
  readonly note: (text: string) => void;
  readonly stop: () => void;
}
