import { measure, reformerModel, runKeys } from "../../src/training/index.ts";
import type { Experiment, Numbers } from "../frame/experiment.ts";
import type { Examine } from "../language/cells.ts";
import { languagePlan } from "../language/plan.ts";
import { textSource } from "../language/text-source.ts";
import { full, settingsOf, variants } from "./settings.ts";
import { judgeRounds } from "./verdict.ts";

/** Figure 4 of the paper. */
export const rounds: Experiment = {
  name: "rounds",
  claim:
    "Quality rises with the number of hash rounds, and is near that of full attention at eight.",
  published:
    "figure 4 of the paper: on imagenet64, eight rounds nearly match full attention, four and two are behind it.",
  wouldChange:
    "fewer or more steps: at 300, models with few rounds have just begun to find context, so that gains are large; longer windows, in which one round finds a smaller share.",
  costs: {
    smallest: { minutes: 0.2, mebibytes: 200 },
    default: { minutes: 12, mebibytes: 300 },
    full: { minutes: 100_000, mebibytes: 8000 },
  },
  data: [textSource],
  plan: (size, seeds) =>
    languagePlan("rounds", {
      settings: settingsOf[size],
      variants,
      base: full,
      seeds,
      examine: withoutHashing,
      judge: judgeRounds,
    }),
};

/** The same bytes with every token in another one's bucket: what finding the right ones is worth. */
const withoutHashing: Examine = async ({ state }, config, { validation }): Promise<Numbers> => {
  if (!config.model.layers.includes("lsh")) return {};
  const { batch, length, seed, validateBytes } = config.training;
  const { bitsPerByte } = await measure(
    reformerModel(config),
    state,
    validation.subarray(0, validateBytes ?? undefined),
    {
      batch,
      length,
      stride: Math.ceil(length / 2),
      key: runKeys(seed).evaluation,
      ablation: "lsh-buckets",
    },
  );
  return { shuffled: bitsPerByte ?? null };
};
