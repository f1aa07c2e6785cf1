import type { Cell, Experiment } from "../frame/experiment.ts";
import { evaluateCopy } from "./evaluate.ts";
import { cellName, copyReport } from "./report.ts";
import { modelOf, settingsOf, trainedWith, type Attention, type CopySettings } from "./settings.ts";
import { learnerOf, trainCopy } from "./train.ts";

/** Table 2 of the paper. */
export const copy: Experiment = {
  name: "copy",
  claim:
    "A Transformer solves 0w0w; LSH does too, with accuracy falling as rounds fall; a model trained one way can be evaluated another.",
  published:
    "table 2 of the paper, below. Models trained with LSH had 0.8 % with full attention there; a community's report found 46 to 76 %.",
  wouldChange:
    "longer sequences and more symbols (`--full`): whether few rounds then still suffice; an evaluation that does not match the training, as the columns on the right show.",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 9, mebibytes: 300 },
    full: { minutes: 6000, mebibytes: 2000 },
  },
  plan: (size, seeds) => {
    const all = settingsOf[size];
    return {
      settings: { lengths: all.map((settings) => ({ ...settings })) },
      cells: all.flatMap((settings) =>
        Array.from({ length: seeds }, (_, seed) =>
          trainedWith.map((trained) => cellOf(settings, trained, seed)),
        ).flat(),
      ),
      report: (results) => copyReport(all, seeds, results),
    };
  },
};

const cellOf = (settings: CopySettings, trained: Attention, seed: number): Cell => ({
  name: cellName(settings, trained, seed),
  run: async ({ log }) => {
    const began = performance.now();
    const learner = learnerOf(modelOf(settings, trained));
    const { params, steps, loss, accuracy } = await trainCopy(settings, learner, seed, log);
    const seconds = (performance.now() - began) / 1000;
    return {
      steps,
      seconds,
      loss,
      ownAccuracy: accuracy,
      ...(await evaluateCopy(settings, params)),
    };
  },
});
