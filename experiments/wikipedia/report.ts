import type { Report, Results } from "../frame/experiment.ts";
import { formatSample, sampleOf } from "../frame/statistics.ts";
import { judgeWikipedia } from "./verdict.ts";
import type { WikipediaSettings } from "./settings.ts";

export const compressorsCell = "compressors";
export const modelCell = (seed: number): string => `model, seed ${seed}`;

/** What is compared, by its name among the numbers of a cell. */
const models = {
  whole: "as trained",
  silent: "the LSH layers' output zeroed",
  shuffled: "every token in another one's buckets",
} as const;
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
  const cells = Array.from({ length: seeds }, (_, seed) => modelCell(seed));
  const read = (cell: string, name: string): readonly number[] => {
    const value = Object.hasOwn(results, cell) ? results[cell][name] : undefined;
    return typeof value === "number" ? [value] : [];
  };
  const ofModels = (name: string): readonly number[] => cells.flatMap((cell) => read(cell, name));
  const ofProgram = (name: string): number | undefined => read(compressorsCell, name).at(0);
  const seconds = formatSample(sampleOf(ofModels("processorSeconds")), 0);
  const { steps, length, lookEvery } = settings;
  return {
    tables: [
      {
        title: `Bits per byte kept back, ${steps} steps of ${length} bytes, ${seeds} seed(s), ${seconds} s of processor time`,
        columns: ["model", "bits per byte"],
        rows: [
          ...Object.entries(models).map(([name, what]) => [
            what,
            formatSample(sampleOf(ofModels(name)), 4),
          ]),
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
        series: cells.map((cell) => ({
          name: cell,
          points: Array.from({ length: Math.floor(steps / lookEvery) }, (_, i) =>
            read(cell, `valid ${(i + 1) * lookEvery}`).map(
              (bits) => [(i + 1) * lookEvery, bits] as const,
            ),
          ).flat(),
        })),
      },
    ],
    verdict: judgeWikipedia(ofModels, ofProgram),
  };
}
