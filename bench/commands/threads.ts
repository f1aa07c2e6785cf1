import { bySize, target, type Command } from "../command.ts";
import { novelModel } from "../models.ts";
import { measureSteps, stepRow } from "./step-row.ts";

export const threads: Command = {
  name: "threads",
  about: "two threads against one",
  run: (size) => {
    const length = bySize(size, { full: 16384, quick: 2048, smallest: 64 });
    const rounds = bySize(size, { full: 2, quick: 2, smallest: 1 });
    const counts = [1, 2];
    const times = Array.from({ length: rounds }, () =>
      counts.map((count) =>
        measureSteps({ settings: novelModel(length), steps: 1, threads: count }),
      ),
    );
    const rows = counts.map((count, i) => ({
      threads: count,
      ...stepRow(times.map((round) => round[i])),
    }));
    return {
      title: `A training step of ${length} tokens on threads (6 layers, width 256)`,
      rows,
      notes: [target("speed-up", rows[0]["step s"] / rows[1]["step s"], 1.7, "least")],
    };
  },
};
