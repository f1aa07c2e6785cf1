import type { RunProfile, StepTime } from "../../plan/index.ts";
import { formatTable, names, numbers } from "../table.ts";

/** All executions of the steps of one name and kernel: in loops, in calls, in every run. */
export interface ProfileRow {
  /** Functions and scopes by the user's names, then the operation. */
  readonly name: string;
  readonly kernel: string;
  readonly calls: number;
  readonly milliseconds: number;
  readonly flops: number;
  readonly bytes: number;
}

/** What steps are added up by. */
export type Grouping = "name" | "kernel";

/** The steps of the runs, added up, the most expensive first. */
export function profileRows(
  runs: readonly Pick<RunProfile, "steps">[],
  grouping: Grouping,
): readonly ProfileRow[] {
  const rows = new Map<string, ProfileRow>();
  for (const { steps } of runs) {
    for (const time of steps) {
      const row = rowOf(time, grouping);
      const key = `${row.name}\n${row.kernel}`;
      const before = rows.get(key);
      rows.set(key, before ? sum(before, row) : row);
    }
  }
  return [...rows.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

function rowOf({ step, calls, milliseconds }: StepTime, grouping: Grouping): ProfileRow {
  const { within, name, operation, flops, bytes } = step;
  return {
    name: grouping === "kernel" ? "" : [within, name].filter(Boolean).join("/"),
    kernel: operation,
    calls,
    milliseconds,
    flops: flops * calls,
    bytes: bytes * calls,
  };
}

const sum = (a: ProfileRow, b: ProfileRow): ProfileRow => ({
  ...a,
  calls: a.calls + b.calls,
  milliseconds: a.milliseconds + b.milliseconds,
  flops: a.flops + b.flops,
  bytes: a.bytes + b.bytes,
});

/** Billions per second, which is millions per millisecond; 0 where no time was measured. */
export const perSecond = (amount: number, milliseconds: number): number =>
  milliseconds > 0 ? amount / milliseconds / 1e6 : 0;

/**
 * A table of the `most` most expensive rows and of the rest. Times and counts are those of one of `runs` runs;
 * `milliseconds` is what the shares are of.
 */
export function formatProfile(
  rows: readonly ProfileRow[],
  { runs, milliseconds, most }: { runs: number; milliseconds: number; most: number },
): string {
  const rest = rows.slice(most);
  const others = `${rest.length} others`;
  const shown =
    rest.length === 0
      ? rows
      : [...rows.slice(0, most), { ...rest.reduce(sum), name: "", kernel: others }];
  const named = rows.some(({ name }) => name !== "");
  return formatTable<ProfileRow>(
    [
      numbers("ms", (row) => row.milliseconds / runs, 2),
      numbers("share %", (row) => (100 * row.milliseconds) / milliseconds, 1),
      numbers("calls", (row) => row.calls / runs, 0),
      numbers("GFLOP/s", (row) => perSecond(row.flops, row.milliseconds), 2),
      numbers("MiB", (row) => row.bytes / runs / 2 ** 20, 1),
      numbers("GB/s", (row) => perSecond(row.bytes, row.milliseconds), 2),
      names("kernel", (row) => row.kernel),
      ...(named ? [names<ProfileRow>("name", (row) => row.name)] : []),
    ],
    shown,
  );
}
