import { init } from "../init.ts";
import { inputError } from "../edge/problem.ts";
import { goldenRunners } from "../verify/runners.ts";
import { defaultPreset, presets } from "../training/config/presets.ts";
import { reformerModel } from "../training/reformer-model.ts";
import { runKeys } from "../training/index.ts";
import { noFaults } from "../training/node/index.ts";
import type { Services } from "./services.ts";
import { shippedModel } from "./shipped-model.ts";

/** The program's own services: the Reformer, on the back end of the user's choice. */
export const reformerServices: Services = {
  presets,
  defaultPreset,
  startBackend: async ({ backend, threads, arithmetic }, profile) => {
    if (backend !== "wasm" && arithmetic === "relaxed") {
      throw inputError({
        where: "--backend",
        problem: "has strict arithmetic only, and the configuration asks for relaxed",
        expected: "wasm",
        got: backend,
        fix: "Add --arithmetic strict, or compute on wasm.",
      });
    }
    const wasm = { arithmetic, threads, profile };
    switch (backend) {
      case "wasm":
        return (await init("wasm", wasm)).threads;
      case "auto": {
        const chosen = await init("auto", { wasm });
        return { ...chosen.threads, reason: chosen.fallback ?? chosen.threads.reason };
      }
      default:
        return (await init(backend)).threads;
    }
  },
  createModel: reformerModel,
  runKeys,
  shippedModel: shippedModel(),
  runners: goldenRunners,
  fault: noFaults,
};
