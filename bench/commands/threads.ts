import { bySize, median, target, type Command } from "../command.ts";
import { novelModel } from "../models.ts";
import { measureTurns, pairedRow, ratioOf } from "./paired-rows.ts";

const counts = [1, 2];

export const threads: Command = {
  name: "threads",
  about: "two threads against one",
  run: (size) => {
    const length = bySize(size, { full: 16384, quick: 2048, smallest: 64 });
    const settings = novelModel(length);
    const times = measureTurns({
      variants: counts.map((count) => ({
        settings,
        threads: count,
        arithmetic: "strict",
        steps: 1,
      })),
      turns: bySize(size, { full: 7, quick: 5, smallest: 1 }),
      slices: bySize(size, { full: 100, quick: 50, smallest: 2 }),
    });
    const rows = counts.map((count, i) => ({ threads: count, ...pairedRow(times[i]) }));
    const { middle, spread } = ratioOf(times[0], times[1]);
    const bare = times[1].ceilings.map((ceiling, turn) => ceiling / times[0].ceilings[turn]);
    return {
      title: `A training step of ${length} tokens on threads (6 layers, width 256)`,
      rows,
      notes: [
        target(`speed-up (${spread})`, middle, 1.7, "least"),
        `bare arithmetic speeds up by ${median(bare).toFixed(2)} at the same time`,
      ],
    };
  },
};
