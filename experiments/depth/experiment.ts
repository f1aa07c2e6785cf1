import type { Experiment } from "../frame/experiment.ts";
import { mebibytes, sampleOf } from "../frame/statistics.ts";
import type { Table } from "../frame/table.ts";
import type { Measured } from "../language/cells.ts";
import { languagePlan } from "../language/plan.ts";
import type { Variant } from "../language/settings.ts";
import { textSource } from "../language/text-source.ts";
import { settingsOf, variantsOf } from "./settings.ts";
import { judgeDepth, workingBytes } from "./verdict.ts";

/** Figure 5 of the paper, left: layers. */
export const depth: Experiment = {
  name: "depth",
  claim:
    "Deep models train on one device, their memory does not grow with depth, and they are better.",
  published:
    "section 5 of the paper: enwik8 with up to 20 layers on one accelerator; 12 layers reach 1.05 bits per byte.",
  wouldChange:
    "more bytes and steps: deep models need longer until they are ahead; streams in floating point, or stored activations, for the memory.",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 12, mebibytes: 400 },
    full: { minutes: 500_000, mebibytes: 16_000 },
  },
  data: [textSource],
  plan: (size, seeds) => {
    const variants = variantsOf(settingsOf[size]);
    return languagePlan("depth", {
      settings: settingsOf[size].common,
      variants,
      base: variants[0],
      seeds,
      judge: (measured) => judgeDepth(variants, measured),
      tables: (measured) => [memoryTable(variants, measured)],
    });
  },
};

const memoryTable = (variants: readonly Variant[], measured: Measured): Table => ({
  title: "Planned memory of a training step, MiB: in all, and without 16 bytes for each parameter",
  columns: ["model", "peak", "working memory"],
  rows: variants.map((variant) => [
    variant.name,
    mebibytes(sampleOf(measured(variant, "peak"))?.mean),
    mebibytes(workingBytes(measured, variant)),
  ]),
});
