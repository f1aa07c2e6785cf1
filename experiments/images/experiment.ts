import type { Experiment } from "../frame/experiment.ts";
import { imagesReport } from "./report.ts";
import { imagesCell } from "./run.ts";
import { kodak, mnist, settingsJson, settingsOf } from "./settings.ts";

/** Pixel by pixel, as the paper's imagenet64. */
export const images: Experiment = {
  name: "images",
  claim: "A Reformer models images as sequences of values, and completes them value by value.",
  published:
    "figures 4 and 5 of the paper: imagenet64, 12,288 values, below 3.8 bits per dimension after days on eight TPU cores; the authors' post shows completed lower halves.",
  wouldChange:
    "longer training of wider models on more images: the colours have few hundred crops here; at that size hashing does nothing for them yet.",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 10, mebibytes: 300 },
    full: { minutes: 100_000, mebibytes: 16_000 },
  },
  data: [mnist, kodak],
  plan: (size, seeds) => {
    const variants = settingsOf[size];
    return {
      settings: { variants: variants.map(settingsJson) },
      cells: Array.from({ length: seeds }, (_, seed) =>
        variants.map((variant) => imagesCell(variant, seed)),
      ).flat(),
      report: (results) => imagesReport(variants, seeds, results),
    };
  },
};
