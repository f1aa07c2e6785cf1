import type { Experiment } from "../frame/experiment.ts";
import { languagePlan } from "../language/plan.ts";
import { textSource } from "../language/text-source.ts";
import { copyCells, copyMeasured, copyTable } from "./copy-part.ts";
import { settingsOf, variants } from "./settings.ts";
import { judgeSharedQk } from "./verdict.ts";

/** Figure 3 of the paper, left. */
export const sharedQk: Experiment = {
  name: "shared-qk",
  claim: "Sharing queries and keys does no harm.",
  published:
    "figure 3 of the paper, left, on enwik8 and imagenet64: shared keys are no worse. A community's report saw 1 of 5 seeds solve the copy task with them.",
  wouldChange:
    "fewer steps, which end in the drop where a seed decides; attention that lets tokens see themselves.",
  costs: {
    smallest: { minutes: 0.3, mebibytes: 200 },
    default: { minutes: 13, mebibytes: 300 },
    full: { minutes: 200_000, mebibytes: 8000 },
  },
  data: [textSource],
  plan: (size, seeds) => {
    const { text, copy } = settingsOf[size];
    const plan = languagePlan("shared-qk", {
      settings: text,
      variants,
      base: variants[0],
      seeds,
      judge: (measured, results) => judgeSharedQk(measured, copyMeasured(results, seeds)),
      tables: (_, results) => [copyTable(copy, copyMeasured(results, seeds))],
    });
    return {
      ...plan,
      settings: { text: { ...text }, copy: { ...copy } },
      cells: [...plan.cells, ...copyCells(copy, seeds)],
    };
  },
};
