import { goldenRunners } from "../verify/runners.ts";
import { defaultPreset, presets } from "../training/config/presets.ts";
import { reformerModel } from "../training/reformer-model.ts";
import { runKeys } from "../training/index.ts";
import { noFaults } from "../training/node/index.ts";
import type { Services } from "./services.ts";
import { shippedModel } from "./shipped-model.ts";
import { startBackend } from "./start-backend.ts";

/** The program's own services: the Reformer, on the back end of the user's choice. */
export const reformerServices: Services = {
  presets,
  defaultPreset,
  startBackend,
  createModel: reformerModel,
  runKeys,
  shippedModel: shippedModel(),
  runners: goldenRunners,
  fault: noFaults,
};
