import { bySize, target, type Command } from "../command.ts";
import { novelModel } from "../models.ts";
import { measureSteps, memoryTarget, stepRow } from "./step-row.ts";

export const novel: Command = {
  name: "novel",
  about: "the model of a novel: 6 layers, width 256, 2 heads of 64, 320 subwords, 2 rounds",
  run: (size) => {
    const length = bySize(size, { full: 16384, quick: 2048, smallest: 64 });
    const steps = bySize(size, { full: 3, quick: 2, smallest: 1 });
    const row = {
      length,
      ...stepRow([measureSteps({ settings: novelModel(length), steps, threads: 2 })]),
    };
    return {
      title: "A training step on a novel, two threads",
      rows: [row],
      notes: [
        ...(size === "full"
          ? [
              target("s a step", row["step s"], 7.5, "most"),
              target("GiB of the process over idle", row["process MiB"] / 1024, 0.35, "most"),
            ]
          : []),
        memoryTarget([row]),
      ],
    };
  },
};
