import type { Report, Results } from "../frame/experiment.ts";
import type { Chart } from "../frame/plot.ts";
import { combine } from "../frame/extremes.ts";
import { exponentBetween, mebibytes } from "../frame/statistics.ts";
import type { Table } from "../frame/table.ts";
import {
  attentions,
  nameOf,
  passes,
  type Attention,
  type Pass,
  type SpeedSettings,
} from "./settings.ts";
import { judgeSpeed, type Seconds } from "./verdict.ts";

export const cellName = (attention: Attention, pass: Pass, length: number): string =>
  `${nameOf(attention)}, ${pass}, length ${length}`;

export function speedReport(settings: SpeedSettings, results: Results): Report {
  const read =
    (name: string): Seconds =>
    (...what) => {
      const cell = cellName(...what);
      return Object.hasOwn(results, cell) ? (results[cell][name] ?? undefined) : undefined;
    };
  const seconds = read("seconds");
  return {
    tables: [
      ...passes.map((pass) => timeTable(settings, pass, seconds)),
      ...passes.map((pass) => memoryTable(settings, pass, read("peak"))),
    ],
    charts: passes.map((pass) => timeChart(settings, pass, seconds)),
    verdict: judgeSpeed(settings, seconds),
  };
}

const timeTable = ({ lengths, tokens }: SpeedSettings, pass: Pass, seconds: Seconds): Table => {
  const ends = [lengths[lengths.length - 2], lengths[lengths.length - 1]] as const;
  return {
    title: `Milliseconds of processor time for ${tokens} tokens, ${pass}, by length of their sequences; exponent of the length between the longest two`,
    columns: ["attention", ...lengths.map(String), "exponent"],
    rows: attentions.map((attention) => {
      const at = (length: number): number | undefined => seconds(attention, pass, length);
      return [
        nameOf(attention),
        ...lengths.map((length) => milliseconds(at(length))),
        combine(at(ends[0]), at(ends[1]), (a, b) =>
          exponentBetween([ends[0], a], [ends[1], b]),
        )?.toFixed(2) ?? "-",
      ];
    }),
  };
};

const memoryTable = ({ lengths }: SpeedSettings, pass: Pass, peak: Seconds): Table => ({
  title: `Planned memory, MiB, ${pass}`,
  columns: ["attention", ...lengths.map(String)],
  rows: attentions.map((attention) => [
    nameOf(attention),
    ...lengths.map((length) => mebibytes(peak(attention, pass, length))),
  ]),
});

const timeChart = ({ lengths, tokens }: SpeedSettings, pass: Pass, seconds: Seconds): Chart => ({
  file: `speed-${pass}`,
  title: `Processor time for ${tokens} tokens, ${pass}`,
  x: { title: "length of a sequence", scale: "log" },
  y: { title: "seconds", scale: "log" },
  series: attentions.map((attention) => ({
    name: nameOf(attention),
    points: lengths.flatMap((length) => {
      const value = seconds(attention, pass, length);
      return value === undefined ? [] : [[length, value] as const];
    }),
  })),
});

const milliseconds = (value: number | undefined): string =>
  value === undefined ? "-" : (1000 * value).toFixed(0);
