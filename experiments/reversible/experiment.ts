import { gatherWindows, runKeys } from "../../src/training/index.ts";
import type { Experiment } from "../frame/experiment.ts";
import type { Examine } from "../language/cells.ts";
import { languagePlan } from "../language/plan.ts";
import { textSource } from "../language/text-source.ts";
import { splitWindow } from "../../src/training/data/token-window.ts";
import { largestDrift } from "./drift.ts";
import { ordinary, settingsOf, variants } from "./settings.ts";
import { judgeReversible } from "./verdict.ts";

/** Figure 3 of the paper, right. */
export const reversible: Experiment = {
  name: "reversible",
  claim:
    "A reversible Transformer is as good as one with ordinary residuals and as many parameters.",
  published:
    "figure 3 of the paper, right, on enwik8 and imagenet64: the curves of both are nearly the same; table 4: BLEU on WMT 2014 too.",
  wouldChange:
    "streams in floating point in very deep models, where rebuilding drifts; fewer steps, which end in the drop where a seed decides.",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 8, mebibytes: 300 },
    full: { minutes: 100_000, mebibytes: 8000 },
  },
  data: [textSource],
  plan: (size, seeds) =>
    languagePlan("reversible", {
      settings: settingsOf[size],
      variants,
      base: ordinary,
      seeds,
      examine: driftOf,
      judge: judgeReversible,
    }),
};

/** How well streams can be rebuilt once the model is trained, on bytes that it has not seen. */
const driftOf: Examine = ({ state }, { model, training }, { validation }) => {
  if (model.reversible === "none") return Promise.resolve({});
  const { batch, length, seed } = training;
  const starts = Array.from({ length: batch }, (_, i) => i * length);
  const { inputs } = splitWindow(gatherWindows(validation, starts, length), false);
  return Promise.resolve({
    drift: largestDrift(model, state.params, inputs, runKeys(seed).evaluation),
  });
};
