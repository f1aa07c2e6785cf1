import { arithmetics } from "../../src/backends/wasm/index.ts";
import { bySize, median, target, type Command } from "../command.ts";
import { novelModel } from "../models.ts";
import { ceilingOf } from "./ceiling.ts";
import { measureSteps, memoryTarget, shareOfCeiling, stepRow } from "./step-row.ts";

const threads = 2;

export const novel: Command = {
  name: "novel",
  about: "the model of a novel: 6 layers, width 256, 2 heads of 64, 320 subwords, 2 rounds",
  run: (size) => {
    const length = bySize(size, { full: 16384, quick: 2048, smallest: 64 });
    const steps = bySize(size, { full: 2, quick: 2, smallest: 1 });
    const repeats = bySize(size, { full: 2, quick: 1, smallest: 1 });
    const slices = bySize(size, { full: 100, quick: 50, smallest: 2 });
    const rows = arithmetics.map((arithmetic) => {
      const settings = novelModel(length);
      // In turns, so that whatever else the machine does meets both.
      const ceilings = [ceilingOf({ rounding: arithmetic, threads, slices })];
      const times = Array.from({ length: repeats }, () => {
        const time = measureSteps({ settings, steps, threads, arithmetic });
        ceilings.push(ceilingOf({ rounding: arithmetic, threads, slices }));
        return time;
      });
      const row = stepRow(times);
      const ceiling = median(ceilings);
      return {
        length,
        arithmetic,
        ...row,
        "ceiling GFLOP/s": ceiling,
        "of ceiling": shareOfCeiling(row, ceiling),
      };
    });
    const targets = rows.flatMap((row) => [
      target(`${row.arithmetic}: s a step`, row["step s"], 7.5, "most"),
      target(`${row.arithmetic}: GiB over idle`, row["process MiB"] / 1024, 0.35, "most"),
    ]);
    return {
      title: "A training step on a novel, two threads",
      rows,
      notes: [...(size === "full" ? targets : []), memoryTarget(rows)],
    };
  },
};
