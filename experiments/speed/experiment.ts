import type { Cell, Experiment } from "../frame/experiment.ts";
import { cellName, speedReport } from "./report.ts";
import { attentions, passes, settingsOf, type SpeedSettings } from "./settings.ts";
import { timeStep } from "./step-time.ts";

/** Figure 5 of the paper, right. */
export const speed: Experiment = {
  name: "speed",
  claim:
    "With hashing, time grows with the number of rounds, and for as many tokens not with length.",
  published:
    "figure 5 of the paper, right: seconds per step against length at a fixed number of tokens; full attention grows, LSH stays flat.",
  wouldChange:
    "a machine whose products of matrices are much faster than its sorting: the crossing of full attention and hashing moves to longer sequences; chunks that grow with the length.",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 4, mebibytes: 600 },
    full: { minutes: 25, mebibytes: 1500 },
  },
  plan: (size) => {
    const settings = settingsOf[size];
    return {
      settings,
      cells: passes.flatMap((pass) =>
        attentions.flatMap((attention) =>
          settings.lengths.map((length) => cellOf(settings, attention, pass, length)),
        ),
      ),
      report: (results) => speedReport(settings, results),
    };
  },
};

const cellOf = (settings: SpeedSettings, ...what: Parameters<typeof cellName>): Cell => ({
  name: cellName(...what),
  run: async ({ log }) => {
    const time = await timeStep(settings, ...what);
    log(`${(1000 * time.seconds).toFixed(0)} ms`);
    return { ...time };
  },
});
