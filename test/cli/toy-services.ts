import type { Services } from "../../src/cli/services.ts";
import type { FaultHook } from "../../src/training/node/index.ts";
import { toyKeys, toyModel, toyPreset } from "../training/toy-model.ts";

/** The program's services with the toy in the Reformer's place; every step takes at least `pause` milliseconds. */
export const toyServices = (fault: FaultHook = () => undefined, pause = 0): Services => ({
  presets: { toy: toyPreset },
  defaultPreset: "toy",
  startBackend: () => Promise.resolve(),
  createModel: (config) =>
    toyModel(config, () => {
      if (pause > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }),
  runKeys: toyKeys,
  runners: [],
  fault,
});
