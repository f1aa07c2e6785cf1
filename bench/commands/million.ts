import { bySize, target, type Command } from "../command.ts";
import { longModel } from "../models.ts";
import { measureSteps, memoryColumns, memoryTarget, timeColumns } from "./step-columns.ts";

const gibibyte = 2 ** 30;

export const million: Command = {
  name: "million",
  about: "forward, backward and update on 1,048,576 tokens: 4 layers, local and LSH, width 128",
  run: (size) => {
    const length = bySize(size, { full: 2 ** 20, quick: 2 ** 14, smallest: 64 });
    const time = measureSteps({ settings: longModel(length), steps: 0, threads: 2 });
    const rebuilt = String(time.rebuilt);
    const row = { length, ...timeColumns(time), ...memoryColumns(time), rebuilt };
    return {
      title: `A training step on ${length} tokens, two threads`,
      rows: [row],
      notes: [
        target("GiB of the process", time.peakBytes / gibibyte, 16, "most"),
        `streams rebuilt bit for bit: ${rebuilt}`,
        memoryTarget([row]),
      ],
    };
  },
};
