import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Services } from "../../src/cli/services.ts";
import type { FaultHook } from "../../src/training/node/index.ts";
import { toyKeys, toyModel, toyPreset } from "../training/toy-model.ts";
import { pause } from "./pause.ts";

/** The program's services with the toy in the Reformer's place; every step takes at least `least` milliseconds. */
export const toyServices = (fault: FaultHook = () => undefined, least = 0): Services => ({
  presets: { toy: toyPreset },
  defaultPreset: "toy",
  startBackend: () => Promise.resolve({ count: 1 }),
  createModel: (config) =>
    toyModel(config, () => {
      pause(least);
    }),
  kinds: {},
  runKeys: toyKeys,
  shippedModel: { path: join(tmpdir(), "no-such-model.safetensors"), prompt: "the q" },
  runners: [],
  fault,
});
