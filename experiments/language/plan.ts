import type { Plan, Results } from "../frame/experiment.ts";
import type { Table } from "../frame/table.ts";
import type { Verdict } from "../frame/verdict.ts";
import { languageCells, measuredOf, type Examine, type Measured } from "./cells.ts";
import { languageCharts, languageTable } from "./report.ts";
import type { LanguageSettings, Variant } from "./settings.ts";

/** Models of a text that are trained alike and compared. */
export interface Comparison {
  readonly settings: LanguageSettings;
  readonly variants: readonly Variant[];
  /** The variant that the others are compared with. */
  readonly base: Variant;
  readonly seeds: number;
  readonly examine?: Examine;
  readonly judge: (measured: Measured, results: Results) => Verdict;
  /** Tables beside that of the bits. */
  readonly tables?: (measured: Measured, results: Results) => readonly Table[];
}

/** What such an experiment does: its curves are files under its name. */
export const languagePlan = (name: string, comparison: Comparison): Plan => {
  const { settings, variants, base, seeds, examine, judge, tables } = comparison;
  return {
    settings: { ...settings },
    cells: languageCells(settings, variants, seeds, examine),
    report: (results) => {
      const measured = measuredOf(results, seeds);
      return {
        tables: [
          languageTable({ settings, variants, measured, seeds, base }),
          ...(tables?.(measured, results) ?? []),
        ],
        charts: languageCharts(name, settings, variants, measured),
        verdict: judge(measured, results),
      };
    },
  };
};
