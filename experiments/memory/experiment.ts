import type { Cell, Experiment } from "../frame/experiment.ts";
import { mebibytes } from "../frame/statistics.ts";
import { overTime } from "./over-time.ts";
import { planStep } from "./plan-step.ts";
import { memoryReport } from "./report.ts";
import {
  caseName,
  followed,
  kindNames,
  middle,
  overTimeName,
  settingsOf,
  type Case,
  type Kind,
  type MemorySettings,
} from "./settings.ts";

/** Peak memory by kind of model, length, depth and rounds. */
export const memory: Experiment = {
  name: "memory",
  claim:
    "A Reformer needs far less memory than a Transformer: it does not grow with depth, and grows with length like the length, not its square.",
  published:
    "table 1 of the paper: length squared for attention, and layers times length for a Transformer's activations; length alone for a Reformer's.",
  wouldChange:
    "a Transformer whose attention is fused needs no L x L: hashing then saves time, not memory; lengths at which chunks are larger than the streams.",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 2, mebibytes: 600 },
    full: { minutes: 5, mebibytes: 1000 },
  },
  plan: (size) => {
    const settings = settingsOf[size];
    return {
      settings: { ...settings },
      cells: [
        ...casesOf(settings).map((what) => cellOf(settings, what)),
        ...kindNames.map((kind) => followedCell(settings, kind)),
      ],
      report: (results) => memoryReport(settings, results),
    };
  },
};

/** Every case once. */
function casesOf(settings: MemorySettings): readonly Case[] {
  const { lengths, depths, rounds, roundCounts } = settings;
  const length = middle(settings);
  const all = kindNames.flatMap((kind): readonly Case[] => [
    ...lengths.map((one) => ({ kind, length: one, depth: depths[0], rounds })),
    ...depths.map((depth) => ({ kind, length, depth, rounds })),
  ]);
  const hashed = roundCounts.map((count): Case => ({
    kind: "Reformer, chunks",
    length,
    depth: depths[0],
    rounds: count,
  }));
  return [...new Map([...all, ...hashed].map((what) => [caseName(what), what])).values()];
}

const cellOf = (settings: MemorySettings, what: Case): Cell => ({
  name: caseName(what),
  run: ({ log }) => {
    const planned = planStep(settings, what);
    log(`${mebibytes(planned.peak)} MiB`);
    return Promise.resolve(planned);
  },
});

const followedCell = (settings: MemorySettings, kind: Kind): Cell => ({
  name: overTimeName(settings, kind),
  run: () => overTime(settings, followed(settings, kind)),
});
