import type { Report, Results } from "../frame/experiment.ts";
import type { Series } from "../frame/plot.ts";
import { formatSample, sampleOf, type Sample } from "../frame/statistics.ts";
import type { Table } from "../frame/table.ts";
import { mismatchNames } from "./evaluate.ts";
import { publishedTable } from "./published.ts";
import {
  evaluatedWith,
  nameOf,
  trainedWith,
  type Attention,
  type CopySettings,
} from "./settings.ts";
import { judgeCopy, type Accuracy } from "./verdict.ts";

export const cellName = ({ length }: CopySettings, trained: Attention, seed: number): string =>
  `length ${length}, trained with ${nameOf(trained)}, seed ${seed}`;

export function copyReport(all: readonly CopySettings[], seeds: number, results: Results): Report {
  const measured = all.map((settings) => {
    const rows = (trained: Attention): readonly Results[string][] =>
      Array.from({ length: seeds }, (_, seed) => cellName(settings, trained, seed)).flatMap(
        (name) => (Object.hasOwn(results, name) ? [results[name]] : []),
      );
    const values = (trained: Attention, name: string, factor: number): readonly number[] =>
      rows(trained).flatMap(({ [name]: value }) =>
        typeof value === "number" ? [factor * value] : [],
      );
    const accuracy: Accuracy = (trained, evaluated) => sampleOf(values(trained, evaluated, 100));
    const steps = (trained: Attention): Sample | undefined => sampleOf(values(trained, "steps", 1));
    return { settings, accuracy, steps };
  });
  return {
    tables: [
      ...measured.map(({ settings, accuracy, steps }) =>
        ourTable(settings, accuracy, steps, seeds),
      ),
      publishedTable,
    ],
    charts: measured.map(({ settings, accuracy }) => ({
      file: `copy-${settings.length}`,
      title: `0w0w of length ${settings.length}: accuracy by rounds of the evaluation`,
      x: { title: "hash rounds of the evaluation", scale: "log" },
      y: { title: "per cent" },
      series: trainedWith.map((trained) => line(trained, accuracy)),
    })),
    verdict: judgeCopy(measured.map(({ accuracy }) => accuracy)),
  };
}

function ourTable(
  { length, symbols, evaluated }: CopySettings,
  accuracy: Accuracy,
  steps: (trained: Attention) => Sample | undefined,
  seeds: number,
): Table {
  const columns = [...evaluatedWith.map(nameOf), ...mismatchNames.map((name) => `full, ${name}`)];
  const names = [...evaluatedWith.map(nameOf), ...mismatchNames];
  return {
    title: `Per cent of the second w told rightly: length ${length}, ${symbols} symbols (chance ${(100 / symbols).toFixed(1)}), ${evaluated} sequences, ${seeds} seed(s), mean ± deviation`,
    columns: ["trained with \\ evaluated with", ...columns, "steps"],
    rows: trainedWith.map((trained) => [
      nameOf(trained),
      ...names.map((name) => formatSample(accuracy(trained, name), 1)),
      formatSample(steps(trained), 0),
    ]),
  };
}

const line = (trained: Attention, accuracy: Accuracy): Series => ({
  name: `trained with ${nameOf(trained)}`,
  points: evaluatedWith.flatMap((rounds) => {
    const mean = accuracy(trained, nameOf(rounds))?.mean;
    return rounds === "full" || mean === undefined ? [] : [[rounds, mean] as const];
  }),
});
