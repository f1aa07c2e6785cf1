import { goldenRunners } from "../verify/runners.ts";
import { defaultPreset, presets } from "../training/config/presets.ts";
import { taskPresets } from "../training/config/task-presets.ts";
import { reformerModel } from "../training/reformer-model.ts";
import { taskKinds } from "../training/task-kinds.ts";
import { runKeys } from "../training/index.ts";
import { noFaults } from "../training/node/index.ts";
import type { Services } from "./services.ts";
import { shippedModel } from "./shipped-model.ts";
import { startBackend } from "./start-backend.ts";

/** The program's own services: the Reformer, on the back end of the user's choice. */
export const reformerServices: Services = {
  presets: { ...presets, ...taskPresets },
  defaultPreset,
  startBackend,
  createModel: reformerModel,
  kinds: taskKinds,
  runKeys,
  shippedModel: shippedModel(),
  runners: goldenRunners,
  fault: noFaults,
};
