import { cycles } from "./cycles.mjs";
import { exactMath } from "./exact-math.mjs";
import { foreignPackages } from "./foreign-packages.mjs";
import { importablePackages } from "./importable-packages.mjs";
import { layers } from "./layers.mjs";
import { machineFreeNames } from "./machine-free.mjs";
import { pageSafe } from "./page-safe.mjs";

/** Every check: parsed files in, problems out. */
export const checks = {
  layers,
  cycles,
  exactMath,
  foreignPackages,
  importablePackages,
  pageSafe,
  machineFreeNames,
};
