import type { Experiment } from "../frame/experiment.ts";
import { translateReport } from "./report.ts";
import { translateCell } from "./run.ts";
import { pairs, settingsOf, variants } from "./settings.ts";

/** Table 4 of the paper. */
export const translate: Experiment = {
  name: "translate",
  claim: "A reversible encoder-decoder translates as well as an ordinary Transformer of its size.",
  published:
    "table 4 of the paper: WMT 2014 English to German, BLEU 27.6 (base) and 29.1 (big) of the reversible models, 27.3 and 28.4 of the Transformer.",
  wouldChange: "longer training and longer sentences: WMT, as the paper had it (`--full`).",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 17, mebibytes: 400 },
    full: { minutes: 60_000, mebibytes: 16_000 },
  },
  data: [pairs],
  plan: (size, seeds) => {
    const settings = settingsOf[size];
    return {
      settings: { ...settings },
      cells: Array.from({ length: seeds }, (_, seed) =>
        variants.map((variant) => translateCell(settings, variant, seed)),
      ).flat(),
      report: (results) => translateReport(seeds, results),
    };
  },
};
