import { init } from "../init.ts";
import { goldenRunners } from "../interop/verify/runners.ts";
import { defaultPreset, presets } from "../reformer/presets.ts";
import { reformerModel } from "../training/reformer-model.ts";
import { runKeys } from "../training/index.ts";
import { noFaults } from "../training/node/index.ts";
import type { Services } from "./services.ts";

/** The program's own services: the Reformer, on the back end of the user's choice. */
export const reformerServices: Services = {
  presets,
  defaultPreset,
  startBackend: async ({ backend, threads }, profile) => {
    await init(backend, { threads, profile });
  },
  createModel: reformerModel,
  runKeys,
  runners: goldenRunners,
  fault: noFaults,
};
