import type { Results } from "../frame/experiment.ts";
import type { Chart } from "../frame/plot.ts";
import { mebibytes } from "../frame/statistics.ts";
import type { Table } from "../frame/table.ts";
import { parts } from "./over-time.ts";
import { followed, kindNames, overTimeName, type Kind, type MemorySettings } from "./settings.ts";

type Read = (kind: Kind, name: string) => number | undefined;

const readOf =
  (settings: MemorySettings, results: Results): Read =>
  (kind, name) => {
    const cell = overTimeName(settings, kind);
    return Object.hasOwn(results, cell) ? (results[cell][name] ?? undefined) : undefined;
  };

const liveOf = (read: Read, kind: Kind): readonly number[] =>
  Array.from({ length: parts }, (_, part) => read(kind, `live ${part}`)).filter(
    (bytes) => bytes !== undefined,
  );

/** The peak three times: as planned, as the steps of the plan touch memory, and as the system counts it. */
export function peakTable(settings: MemorySettings, results: Results): Table {
  const { length, depth } = followed(settings, kindNames[0]);
  const read = readOf(settings, results);
  return {
    title: `One step of ${depth} layers at length ${length}, MiB: planned, in use at most when the plan is walked through, and what the process grows by`,
    columns: ["model", "planned", "in use", "grown by"],
    rows: kindNames.map((kind) => {
      const live = liveOf(read, kind);
      return [
        kind,
        mebibytes(read(kind, "peak")),
        mebibytes(live.length === 0 ? undefined : Math.max(...live)),
        mebibytes(read(kind, "grown")),
      ];
    }),
  };
}

export function timeChart(settings: MemorySettings, results: Results): Chart {
  const read = readOf(settings, results);
  return {
    file: "memory-time",
    title: "Memory in use within a step",
    x: { title: "per cent of the step's work" },
    y: { title: "MiB", scale: "log" },
    series: kindNames.map((kind) => ({
      name: kind,
      points: liveOf(read, kind).map(
        (bytes, part) => [(100 * (part + 0.5)) / parts, bytes / 2 ** 20] as const,
      ),
    })),
  };
}
