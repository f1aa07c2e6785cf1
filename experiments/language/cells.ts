import type { TrainConfig } from "../../src/training/index.ts";
import type { Cell, Numbers, Results } from "../frame/experiment.ts";
import { cellValues, seedCell, seedValues } from "../frame/seed-cells.ts";
import { languageConfig, type LanguageSettings, type Variant } from "./settings.ts";
import { textSource } from "./text-source.ts";
import {
  planLanguage,
  readText,
  trainLanguage,
  type LanguageText,
  type TrainedLanguage,
} from "./train.ts";

/** What else is measured of a trained model. */
export type Examine = (
  trained: TrainedLanguage,
  config: TrainConfig,
  text: LanguageText,
) => Promise<Numbers>;

const planName = ({ name }: Variant): string => `${name}, plan`;

/** The plans of all variants, before anything has run. Then every variant with every seed; all variants of a seed before the next one, so that a stopped run can be compared. */
export const languageCells = (
  settings: LanguageSettings,
  variants: readonly Variant[],
  seeds: number,
  examine?: Examine,
): readonly Cell[] => [
  ...variants.map((variant): Cell => ({
    name: planName(variant),
    run: () => Promise.resolve(planLanguage(languageConfig(settings, variant, 0))),
  })),
  ...Array.from({ length: seeds }, (_, seed) =>
    variants.map((variant): Cell => ({
      name: seedCell(variant.name, seed),
      run: async ({ log, sources }) => {
        const config = languageConfig(settings, variant, seed);
        const text = readText(sources[textSource.name].path);
        const trained = await trainLanguage(config, text, log);
        return { ...trained.numbers, ...(await examine?.(trained, config, text)) };
      },
    })),
  ).flat(),
];

/** A number of a variant, one for each seed that was measured: in the order of seeds. What a plan tells is the same for all: one number. */
export type Measured = (variant: Variant, name: string) => readonly number[];

const planned: readonly string[] = ["parameters", "peak"];

export const measuredOf =
  (results: Results, seeds: number): Measured =>
  (variant, name) =>
    planned.includes(name)
      ? cellValues(results, planName(variant), name)
      : seedValues(results, variant.name, seeds, name);
