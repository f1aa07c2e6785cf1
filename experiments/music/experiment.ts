import type { Experiment } from "../frame/experiment.ts";
import { musicReport } from "./report.ts";
import { musicCell } from "./run.ts";
import { piano, settingsOf } from "./settings.ts";

/** Long sequences of events. */
export const music: Experiment = {
  name: "music",
  claim: "A Reformer models music as a long sequence of events, and goes on with a piece.",
  published:
    "the authors' post names music among the long sequences that a Reformer is for; there are no figures.",
  wouldChange: "all 314 performances instead of the sample, longer windows, and longer training.",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 5, mebibytes: 300 },
    full: { minutes: 20_000, mebibytes: 8000 },
  },
  data: [piano],
  plan: (size, seeds) => {
    const settings = settingsOf[size];
    return {
      settings: { ...settings },
      cells: Array.from({ length: seeds }, (_, seed) => musicCell(settings, seed)),
      report: (results) => musicReport(seeds, results),
    };
  },
};
