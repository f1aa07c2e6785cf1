import { bySize, median, target, type Command } from "../command.ts";
import { smallModel } from "../models.ts";
import { measureTurns, pairedRow, ratiosOf, spreadOf } from "./paired-rows.ts";
import { measureSteps, memoryColumns, memoryTarget } from "./step-columns.ts";

export const tokens: Command = {
  name: "tokens",
  about: "time of a training step per token, short against long",
  run: (size) => {
    const lengths = bySize(size, {
      full: [4096, 65536],
      quick: [1024, 8192],
      smallest: [64, 128],
    });
    const common = { threads: 1, arithmetic: "strict" } as const;
    // As many tokens in a turn of each.
    const times = measureTurns(size, {
      variants: lengths.map((length) => ({
        ...common,
        settings: smallModel(length),
        steps: lengths[1] / length,
      })),
      turns: bySize(size, { full: 7, quick: 5, smallest: 1 }),
    });
    const memory = lengths.map((length) =>
      memoryColumns(measureSteps({ ...common, settings: smallModel(length), steps: 0 })),
    );
    const rows = lengths.map((length, i) => ({ length, ...pairedRow(times[i]), ...memory[i] }));
    const ratios = ratiosOf(times[1], times[0]);
    return {
      title: "A training step by length (2 layers, width 128, one thread)",
      rows,
      notes: [
        target(
          `time per token, ${lengths[1]} over ${lengths[0]} (${spreadOf(ratios)})`,
          median(ratios),
          1.15,
          "most",
        ),
        memoryTarget(rows),
      ],
    };
  },
};
