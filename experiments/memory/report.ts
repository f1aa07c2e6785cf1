import type { Report, Results } from "../frame/experiment.ts";
import { mebibytes } from "../frame/statistics.ts";
import { complexityTable } from "./complexity.ts";
import { readingsOf } from "./readings.ts";
import { kindNames, middle, type MemorySettings } from "./settings.ts";
import { peakTable, timeChart } from "./time-report.ts";
import { judgeMemory } from "./verdict.ts";

export function memoryReport(settings: MemorySettings, results: Results): Report {
  const { lengths, depths, rounds, roundCounts } = settings;
  const [shallow, deep] = [depths[0], depths[depths.length - 1]];
  const readings = readingsOf(settings, results);
  const { peak, atLength, atDepth, withRounds, growth, ofLength } = readings;
  return {
    tables: [
      {
        title: `Peak of loss and gradient by length, MiB: ${shallow} layers, ${rounds} rounds; exponent between the longest two, without the parameters' gradients`,
        columns: ["model", ...lengths.map(String), "exponent"],
        rows: kindNames.map((kind) => [
          kind,
          ...lengths.map((length) => mebibytes(peak(atLength(kind, length)))),
          ofLength(kind, "memory")?.toFixed(2) ?? "-",
        ]),
      },
      {
        title: `By layers, MiB: length ${middle(settings)}; the last column is what ${deep} layers need more than ${shallow}, without the parameters' gradients`,
        columns: ["model", ...depths.map(String), "more"],
        rows: kindNames.map((kind) => [
          kind,
          ...depths.map((depth) => mebibytes(peak(atDepth(kind, depth)))),
          percent(growth(kind)),
        ]),
      },
      {
        title: `Reformer with chunks by rounds, MiB: length ${middle(settings)}, ${shallow} layers`,
        columns: ["rounds", ...roundCounts.map(String)],
        rows: [["peak", ...roundCounts.map((count) => mebibytes(peak(withRounds(count))))]],
      },
      complexityTable(readings),
      peakTable(settings, results),
    ],
    charts: [
      {
        file: "memory-length",
        title: "Peak of loss and gradient by length",
        x: { title: "tokens", scale: "log" },
        y: { title: "MiB", scale: "log" },
        series: kindNames.map((kind) => ({
          name: kind,
          points: points(lengths, (length) => peak(atLength(kind, length))),
        })),
      },
      {
        file: "memory-depth",
        title: "Peak of loss and gradient by layers",
        x: { title: "layers" },
        y: { title: "MiB" },
        series: kindNames.map((kind) => ({
          name: kind,
          points: points(depths, (depth) => peak(atDepth(kind, depth))),
        })),
      },
      timeChart(settings, results),
    ],
    verdict: judgeMemory(settings, readings),
  };
}

const percent = (share: number | undefined): string =>
  share === undefined ? "-" : `${(100 * share).toFixed(1)} %`;

const points = (
  at: readonly number[],
  bytes: (x: number) => number | undefined,
): readonly (readonly [number, number])[] =>
  at.flatMap((x) => {
    const value = bytes(x);
    return value === undefined ? [] : [[x, value / 2 ** 20] as const];
  });
