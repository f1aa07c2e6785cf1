import { bySize, target, type Command } from "../command.ts";
import { longModel } from "../models.ts";
import { measureSteps, memoryTarget, overIdle, stepRow } from "./step-row.ts";

const gibibyte = 2 ** 30;

export const million: Command = {
  name: "million",
  about: "forward, backward and update on 1,048,576 tokens: 4 layers, local and LSH, width 128",
  run: (size) => {
    const length = bySize(size, { full: 2 ** 20, quick: 2 ** 14, smallest: 64 });
    const time = measureSteps({ settings: longModel(length), steps: 0, threads: 2 });
    const row = { length, ...stepRow([time]), rebuilt: String(time.rebuilt) };
    const peak = (overIdle(time) + time.idleBytes) / gibibyte;
    return {
      title: `A training step on ${length} tokens, two threads`,
      rows: [row],
      notes: [
        target("GiB of the process", peak, 16, "most"),
        `streams rebuilt bit for bit: ${row.rebuilt}`,
        memoryTarget([row]),
      ],
    };
  },
};
