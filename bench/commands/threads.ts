import { bySize, target, type Command } from "../command.ts";
import { novelModel } from "../models.ts";
import { ceilingOf } from "./ceiling.ts";
import { measureSteps, shareOfCeiling, stepRow } from "./step-row.ts";

const rounding = "strict";

export const threads: Command = {
  name: "threads",
  about: "two threads against one",
  run: (size) => {
    const length = bySize(size, { full: 16384, quick: 2048, smallest: 64 });
    const rounds = bySize(size, { full: 2, quick: 2, smallest: 1 });
    const slices = bySize(size, { full: 100, quick: 50, smallest: 2 });
    const counts = [1, 2];
    const ceilings: (readonly number[])[] = [];
    const times = Array.from({ length: rounds }, () => {
      ceilings.push(counts.map((count) => ceilingOf({ rounding, threads: count, slices })));
      return counts.map((count) =>
        measureSteps({ settings: novelModel(length), steps: 1, threads: count }),
      );
    });
    const best = counts.map((_, i) => Math.max(...ceilings.map((round) => round[i])));
    const rows = counts.map((count, i) => {
      const row = stepRow(times.map((round) => round[i]));
      return {
        threads: count,
        ...row,
        "ceiling GFLOP/s": best[i],
        "of ceiling": shareOfCeiling(row, best[i]),
      };
    });
    return {
      title: `A training step of ${length} tokens on threads (6 layers, width 256)`,
      rows,
      notes: [
        target("speed-up", rows[0]["step s"] / rows[1]["step s"], 1.7, "least"),
        `bare arithmetic speeds up by ${(best[1] / best[0]).toFixed(2)} here`,
      ],
    };
  },
};
