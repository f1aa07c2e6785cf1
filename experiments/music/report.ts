import type { Report, Results } from "../frame/experiment.ts";
import { seedCell, seedValues } from "../frame/seed-cells.ts";
import { formatSample, sampleOf } from "../frame/statistics.ts";
import { curveOf } from "../frame/train-task.ts";
import { files, variant } from "./run.ts";
import { judgeMusic } from "./verdict.ts";

export function musicReport(seeds: number, results: Results): Report {
  const of = (name: string): readonly number[] => seedValues(results, variant, seeds, name);
  const text = (name: string, digits: number): string => formatSample(sampleOf(of(name)), digits);
  const first = seedCell(variant, 0);
  return {
    tables: [
      {
        title: `Bits per event of music that was kept back: ${seeds} seed(s), mean ± deviation`,
        columns: ["by", "bits per event"],
        rows: [
          ["counts of events", text("unigram", 3)],
          ["counts of pairs", text("bigram", 3)],
          ["Reformer", text("bits", 3)],
        ],
      },
      {
        title: "The continuation of the first seed, and what training took",
        columns: ["of", "is"],
        rows: [
          ["notes written", text("notes", 0)],
          ["longest note, seconds", text("longest", 1)],
          ["the whole, seconds", text("musicSeconds", 0)],
          ["events written a second", text("eventsPerSecond", 0)],
          ["events of the data", text("events", 0)],
          ["parameters", text("parameters", 0)],
          ["seconds of processor time, each seed", text("processorSeconds", 0)],
        ],
      },
    ],
    charts: [
      {
        file: "music",
        title: "Bits per event of music kept back",
        x: { title: "steps" },
        y: { title: "bits per event", scale: "around" },
        series: Array.from({ length: seeds }, (_, seed) => ({
          name: `seed ${seed}`,
          points: curveOf(results[seedCell(variant, seed)] ?? {}, "bitsPerToken"),
        })),
      },
    ],
    files: [
      {
        cell: first,
        name: files.continuation,
        title: "The beginning of a piece, and what the model wrote after it",
      },
      { cell: first, name: files.original, title: "The same beginning, as the piece goes on" },
    ],
    verdict: judgeMusic({
      bits: of("bits"),
      bigram: of("bigram"),
      unigram: of("unigram"),
      notes: of("notes").at(0),
      longest: of("longest").at(0),
    }),
  };
}
