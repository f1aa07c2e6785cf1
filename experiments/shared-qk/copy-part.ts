import type { CopySettings } from "../copy/settings.ts";
import { trainCopy } from "../copy/train.ts";
import type { Cell, Results } from "../frame/experiment.ts";
import { formatSample, sampleOf } from "../frame/statistics.ts";
import type { Table } from "../frame/table.ts";
import { copyCases, type CopyCase } from "./copy-cases.ts";

const cellName = ({ name }: CopyCase, seed: number): string => `copy, ${name}, seed ${seed}`;

export const copyCells = (settings: CopySettings, seeds: number): readonly Cell[] =>
  Array.from({ length: seeds }, (_, seed) =>
    copyCases.map((one): Cell => ({
      name: cellName(one, seed),
      run: async ({ log }) => {
        const own = { ...settings, rate: one.rate * settings.rate };
        const { steps, accuracy } = await trainCopy(own, one.learner(own), seed, log);
        return { steps, accuracy };
      },
    })),
  ).flat();

/** Accuracies at the end of training, from 0 to 1, or steps until then: one for each seed that was measured. */
export type CopyMeasured = (one: CopyCase, name: "accuracy" | "steps") => readonly number[];

export const copyMeasured =
  (results: Results, seeds: number): CopyMeasured =>
  (one, name) =>
    Array.from({ length: seeds }, (_, seed) => cellName(one, seed)).flatMap((cell) => {
      const value = Object.hasOwn(results, cell) ? results[cell][name] : undefined;
      return typeof value === "number" ? [value] : [];
    });

export const copyTable = (
  { length, symbols, rate, mostSteps, solved }: CopySettings,
  measured: CopyMeasured,
): Table => ({
  title: `0w0w with full attention, length ${length}, ${symbols} symbols, learning rate ${rate}, at most ${mostSteps} steps: seeds that told ${100 * solved} % rightly, accuracy and steps at the end of training`,
  columns: ["keys", "solved", "per cent", "steps"],
  rows: copyCases.map((one) => {
    const accuracy = measured(one, "accuracy");
    return [
      one.name,
      `${accuracy.filter((value) => value >= solved).length} of ${accuracy.length}`,
      formatSample(sampleOf(accuracy.map((value) => 100 * value)), 1),
      formatSample(sampleOf(measured(one, "steps")), 0),
    ];
  }),
});
