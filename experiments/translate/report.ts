import type { Report, Results } from "../frame/experiment.ts";
import { formatDifference, pairedDifference } from "../frame/paired.ts";
import { seedCell, seedValues } from "../frame/seed-cells.ts";
import { formatSample, sampleOf } from "../frame/statistics.ts";
import { curveOf } from "../frame/train-task.ts";
import { translationsFile } from "./run.ts";
import { reversibleModel, transformer, variants, type TranslateVariant } from "./settings.ts";
import { judgeTranslate, type Translations } from "./verdict.ts";

export function translateReport(seeds: number, results: Results): Report {
  const of = ({ name }: TranslateVariant, number: string): readonly number[] =>
    seedValues(results, name, seeds, number);
  const translations = (variant: TranslateVariant): Translations => ({
    bleu: of(variant, "bleu"),
    bits: of(variant, "bits"),
    parameters: of(variant, "parameters"),
    shuffled: of(variant, "shuffled"),
  });
  const above = (name: string, digits: number): string =>
    formatDifference(pairedDifference(of(reversibleModel, name), of(transformer, name)), digits);
  return {
    tables: [
      {
        title: `English to German, pairs that were kept back: ${seeds} seed(s), mean ± deviation`,
        columns: [
          "model",
          "BLEU",
          "of another's source",
          "of the sources",
          "bits per token",
          "parameters",
          "seconds",
        ],
        rows: [
          ...variants.map((variant) => [
            variant.name,
            ...(["bleu", "shuffled", "copied"] as const).map((name) =>
              formatSample(sampleOf(of(variant, name)), 2),
            ),
            formatSample(sampleOf(of(variant, "bits")), 3),
            formatSample(sampleOf(of(variant, "parameters")), 0),
            formatSample(sampleOf(of(variant, "processorSeconds")), 0),
          ]),
          ["reversible - Transformer", above("bleu", 2), "", "", above("bits", 3), "", ""],
        ],
      },
    ],
    charts: [
      {
        file: "translate",
        title: "Bits per token of pairs kept back",
        x: { title: "steps" },
        y: { title: "bits per token", scale: "around" },
        series: variants.flatMap(({ name }) =>
          Array.from({ length: seeds }, (_, seed) => ({
            name: seedCell(name, seed),
            points: curveOf(results[seedCell(name, seed)] ?? {}, "bitsPerToken"),
          })),
        ),
      },
    ],
    files: variants.map(({ name }) => ({
      cell: seedCell(name, 0),
      name: translationsFile,
      title: `${name}: sources, references, and what the model of the first seed made of the sources`,
    })),
    verdict: judgeTranslate(translations(reversibleModel), translations(transformer)),
  };
}
