import { formatDifference, pairedDifference } from "../frame/paired.ts";
import type { Chart } from "../frame/plot.ts";
import { formatSample, mebibytes, sampleOf } from "../frame/statistics.ts";
import type { Table } from "../frame/table.ts";
import type { Measured } from "./cells.ts";
import type { LanguageSettings, Variant } from "./settings.ts";

export interface LanguageTable {
  readonly settings: LanguageSettings;
  readonly variants: readonly Variant[];
  readonly measured: Measured;
  readonly seeds: number;
  /** The variant that the others are compared with, seed by seed. */
  readonly base: Variant;
}

/** Bits per byte of every variant, and how far it is from the one that all are compared with. */
export function languageTable({ settings, variants, measured, seeds, base }: LanguageTable): Table {
  const { steps, batch, length } = settings;
  return {
    title: `Bits per byte kept back after ${steps} steps of ${batch} x ${length} bytes, ${seeds} seed(s), mean ± deviation; differences are taken seed by seed`,
    columns: [
      "model",
      "bits",
      `above ${base.name}`,
      "training",
      "parameters",
      "MiB",
      "processor s",
    ],
    rows: variants.map((variant) => {
      const told = (name: string, digits: number): string =>
        formatSample(sampleOf(measured(variant, name)), digits);
      const above = pairedDifference(measured(variant, "bits"), measured(base, "bits"));
      return [
        variant.name,
        told("bits", 3),
        variant === base ? "" : formatDifference(above, 3),
        told(`train ${steps}`, 3),
        mean(measured(variant, "parameters"), 0),
        mebibytes(sampleOf(measured(variant, "peak"))?.mean),
        mean(measured(variant, "processorSeconds"), 0),
      ];
    }),
  };
}

/** What hardly differs between seeds. */
const mean = (values: readonly number[], digits: number): string => {
  const sample = sampleOf(values);
  return sample === undefined ? "-" : sample.mean.toFixed(digits);
};

/** Curves of bits per byte, of bytes kept back and of training. */
export const languageCharts = (
  name: string,
  { steps, lookEvery }: LanguageSettings,
  variants: readonly Variant[],
  measured: Measured,
): readonly Chart[] =>
  (["valid", "train"] as const).map((which) => ({
    file: `${name}-${which}`,
    title: which === "valid" ? "Bits per byte kept back" : "Bits per byte in training",
    x: { title: "steps" },
    y: { title: "bits per byte", scale: "around" },
    series: variants.map((variant) => ({
      name: variant.name,
      points: looks(steps, lookEvery).flatMap((step) => {
        const found = sampleOf(measured(variant, `${which} ${step}`));
        return found === undefined ? [] : [[step, found.mean] as const];
      }),
    })),
  }));

const looks = (steps: number, every: number): readonly number[] => [
  ...new Set([
    ...Array.from({ length: Math.floor(steps / every) }, (_, i) => (i + 1) * every),
    steps,
  ]),
];
