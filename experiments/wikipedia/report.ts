import type { Report, Results } from "../frame/experiment.ts";
import { cellValues, seedCell, seedValues } from "../frame/seed-cells.ts";
import { curveOf } from "../frame/train-task.ts";
import { formatSample, sampleOf } from "../frame/statistics.ts";
import { judgeWikipedia } from "./verdict.ts";
import type { WikipediaModel, WikipediaSettings } from "./settings.ts";

export const compressorsCell = "compressors";

const programs = {
  gzip: "gzip -9, after the bytes to learn",
  bzip2: "bzip2 -9, after the bytes to learn",
  brotli: "brotli -q 11 -w 24, after the bytes to learn",
  xz: "xz -9e, after the bytes to learn",
} as const;

export function wikipediaReport(
  settings: WikipediaSettings,
  seeds: number,
  results: Results,
): Report {
  const { models, length } = settings;
  const cellsOf = ({ name }: WikipediaModel): readonly string[] =>
    Array.from({ length: seeds }, (_, seed) => seedCell(name, seed));
  const ofModel = ({ name }: WikipediaModel, metric: string): readonly number[] =>
    seedValues(results, name, seeds, metric);
  const ofProgram = (name: string): number | undefined =>
    cellValues(results, compressorsCell, name).at(0);
  return {
    tables: [
      {
        title: `Bits per byte kept back, steps of ${length} bytes, ${seeds} seed(s)`,
        columns: [
          "model",
          "steps",
          "as trained",
          "LSH layers' output zeroed",
          "another token's buckets",
          "processor s",
        ],
        rows: models.map((model) => {
          const bits = ["whole", "silent", "shuffled"].map((name) =>
            formatSample(sampleOf(ofModel(model, name)), 4),
          );
          const seconds = formatSample(sampleOf(ofModel(model, "processorSeconds")), 0);
          return [model.name, String(model.steps), ...bits, seconds];
        }),
      },
      {
        title: "Bits per byte of others",
        columns: ["what", "bits per byte"],
        rows: [
          ...Object.entries(programs).map(([name, what]) => [
            what,
            ofProgram(name)?.toFixed(4) ?? "-",
          ]),
          ["the paper's, 12 layers, enwik8's own test bytes", "1.05"],
        ],
      },
    ],
    charts: [
      {
        file: "wikipedia",
        title: "Bits per byte kept back, first 16 KiB",
        x: { title: "steps" },
        y: { title: "bits per byte", scale: "around" },
        series: models.flatMap((model) =>
          cellsOf(model)
            .filter((cell) => Object.hasOwn(results, cell))
            .map((cell) => ({ name: cell, points: curveOf(results[cell], "valid") })),
        ),
      },
    ],
    verdict: judgeWikipedia((name) => ofModel(models[0], name), ofProgram),
  };
}
