import type { Experiment } from "../frame/experiment.ts";
import { novelReport } from "./report.ts";
import { novelText, pieces, settingsOf } from "./settings.ts";
import { stepsOnWhole } from "./whole.ts";
import { textFromWindows } from "./windows.ts";

/** The example that the authors' notebook gives. */
export const novel: Experiment = {
  name: "novel",
  claim: "A whole novel is one training example, and its model writes.",
  published:
    "the authors' post and notebook: all of Crime and Punishment, 513,812 tokens in 524,288 positions, on one accelerator of 16 GiB.",
  wouldChange: "longer training, and writing from a cache of the whole novel.",
  costs: {
    smallest: { minutes: 0.1, mebibytes: 200 },
    default: { minutes: 45, mebibytes: 3300 },
    full: { minutes: 1300, mebibytes: 3300 },
  },
  byName: true,
  data: [novelText, pieces],
  plan: (size) => {
    const settings = settingsOf[size];
    return {
      settings: { ...settings, model: JSON.stringify(settings.model) },
      cells: [stepsOnWhole(settings), textFromWindows(settings)],
      report: novelReport,
    };
  },
};
