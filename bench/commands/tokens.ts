import { bySize, target, type Command } from "../command.ts";
import { smallModel } from "../models.ts";
import { measureSteps, memoryTarget, stepRow } from "./step-row.ts";

export const tokens: Command = {
  name: "tokens",
  about: "time of a training step per token, short against long",
  run: (size) => {
    const lengths = bySize(size, {
      full: [4096, 65536],
      quick: [1024, 8192],
      smallest: [64, 128],
    });
    const rounds = bySize(size, { full: 3, quick: 2, smallest: 1 });
    const steps = bySize(size, { full: [8, 1], quick: [4, 1], smallest: [1, 1] });
    // In turns: what else the machine does meets both.
    const times = Array.from({ length: rounds }, () =>
      lengths.map((length, i) =>
        measureSteps({ settings: smallModel(length), steps: steps[i], threads: 1 }),
      ),
    );
    const rows = lengths.map((length, i) => ({
      length,
      ...stepRow(times.map((round) => round[i])),
    }));
    const ratio = rows[1]["us/token"] / rows[0]["us/token"];
    return {
      title: "A training step by length (2 layers, width 128, one thread)",
      rows,
      notes: [
        target(`time per token, ${lengths[1]} over ${lengths[0]}`, ratio, 1.15, "most"),
        memoryTarget(rows),
      ],
    };
  },
};
