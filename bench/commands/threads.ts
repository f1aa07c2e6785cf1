import { bySize, median, target, type Command } from "../command.ts";
import { novelModel } from "../models.ts";
import { measureTurns, pairedRow, ratiosOf, spreadOf } from "./paired-rows.ts";

/** One thread, two, and two programs of one thread each, which have nothing to wait for. */
const sides = [
  { programs: 1, threads: 1 },
  { programs: 1, threads: 2 },
  { programs: 2, threads: 1 },
];

export const threads: Command = {
  name: "threads",
  about: "two threads against one, and against two programs",
  run: (size) => {
    const length = bySize(size, { full: 16384, quick: 2048, smallest: 64 });
    const settings = novelModel(length);
    const arithmetic = "strict";
    const times = measureTurns(size, {
      variants: sides.map((side) => ({ settings, ...side, arithmetic, steps: 1 })),
      turns: bySize(size, { full: 9, quick: 7, smallest: 1 }),
    });
    const [one, two, programs] = times;
    const gains = ratiosOf(one, two);
    // Times are per token, and two programs train on twice as many.
    const possible = ratiosOf(one, programs);
    const shares = gains.map((gain, turn) => gain / possible[turn]);
    return {
      title: `A training step of ${length} tokens on threads (6 layers, width 256)`,
      rows: times.map((each, i) => ({ ...sides[i], ...pairedRow(each) })),
      notes: [
        target(`two threads over one (${spreadOf(gains)})`, median(gains), 1.7, "least"),
        `two programs over one: ${median(possible).toFixed(2)} (${spreadOf(possible)})`,
        `two threads over two programs: ${median(shares).toFixed(2)} (${spreadOf(shares)})`,
      ],
    };
  },
};
