import { bySize, median, target, type Command } from "../command.ts";
import type { VariantTimes } from "../measures/paired.ts";
import { novelModel } from "../models.ts";
import { measureTurns, pairedRow, ratiosOf, spreadOf } from "./paired-rows.ts";

const counts = [1, 2];

/** Below this a virtual machine's two processors were not two cores, whatever runs on them. */
const twoCores = 1.8;

export const threads: Command = {
  name: "threads",
  about: "two threads against one",
  run: (size) => {
    const length = bySize(size, { full: 16384, quick: 2048, smallest: 64 });
    const settings = novelModel(length);
    const [one, two] = measureTurns(size, {
      variants: counts.map((count) => ({
        settings,
        threads: count,
        arithmetic: "strict",
        steps: 1,
      })),
      turns: bySize(size, { full: 9, quick: 7, smallest: 1 }),
    });
    const ratios = ratiosOf(one, two);
    const bare = bareRatios(one, two);
    const onTwoCores = ratios.filter((_, turn) => bare[turn] >= twoCores);
    return {
      title: `A training step of ${length} tokens on threads (6 layers, width 256)`,
      rows: [one, two].map((times, i) => ({ threads: counts[i], ...pairedRow(times) })),
      notes: [
        target(`speed-up (${spreadOf(ratios)})`, median(ratios), 1.7, "least"),
        `bare arithmetic at the same time, before or after, whichever was less: ${spreadOf(bare)}`,
        onTwoCores.length === 0
          ? `there was no turn in which bare arithmetic sped up by ${twoCores}`
          : target(
              `speed-up where bare arithmetic sped up by ${twoCores} (${spreadOf(onTwoCores)})`,
              median(onTwoCores),
              1.7,
              "least",
            ),
      ],
    };
  },
};

/** What bare arithmetic gained by a second thread in each turn: the lesser of before and after. */
const bareRatios = (one: VariantTimes, two: VariantTimes): readonly number[] =>
  two.ceilings.map(([before, after], turn) => {
    const single = Math.max(...one.ceilings[turn]);
    return Math.min(before, after) / single;
  });
