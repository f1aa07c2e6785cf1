import { copy } from "./copy/experiment.ts";
import { depth } from "./depth/experiment.ts";
import type { Experiment } from "./frame/experiment.ts";
import { images } from "./images/experiment.ts";
import { memory } from "./memory/experiment.ts";
import { music } from "./music/experiment.ts";
import { novel } from "./novel/experiment.ts";
import { reversible } from "./reversible/experiment.ts";
import { rounds } from "./rounds/experiment.ts";
import { sharedQk } from "./shared-qk/experiment.ts";
import { speed } from "./speed/experiment.ts";
import { translate } from "./translate/experiment.ts";
import { wikipedia } from "./wikipedia/experiment.ts";

/** All experiments, in the order in which they run. */
export const experiments: readonly Experiment[] = [
  copy,
  speed,
  rounds,
  depth,
  reversible,
  sharedQk,
  memory,
  images,
  music,
  translate,
  wikipedia,
  novel,
];
