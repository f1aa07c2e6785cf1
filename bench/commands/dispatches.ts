import { presets } from "../../src/training/index.ts";
import { bySize, type Command } from "../command.ts";
import type { DispatchParameters, Dispatches } from "../measures/dispatches.ts";
import { deviceModel, deviceNovelModel, type ModelSettings } from "../models.ts";
import { inProcess } from "../process.ts";

/** What a large graphics processor offers. */
const limits = { maxBufferSize: 2 ** 36, maxStorageBufferBindingSize: 2 ** 31 - 4 };

const models: Readonly<Record<string, ModelSettings>> = {
  "bytes-small": presets["bytes-small"],
  enwik8: deviceModel(65_536, 12),
  novel: deviceNovelModel(524_288),
};

export const dispatches: Command = {
  name: "dispatches",
  about: "kernel calls of a training step on a graphics processor, by kernel; without one",
  run: (size) => {
    const names = bySize(size, {
      full: Object.keys(models),
      quick: ["bytes-small", "enwik8"],
      smallest: ["bytes-small"],
    });
    const rows = names.flatMap((model) => {
      const parameters: DispatchParameters = { settings: models[model], ...limits };
      const { kernels, ...bytes } = inProcess<Dispatches>("dispatches", parameters);
      const sorted = [...kernels].sort((a, b) => b.calls - a.calls);
      const sum = (key: "calls" | "merged" | "dispatches"): number =>
        sorted.reduce((total, each) => total + each[key], 0);
      const row = (kernel: string, calls: number, merged: number, all: number) => ({
        model,
        kernel,
        calls,
        merged,
        "side by side": all,
        "plan MiB": Math.round(bytes.plannedBytes / 2 ** 20),
        "spare MiB": Math.round(bytes.spareBytes / 2 ** 20),
        "moved GB": bytes.movedBytes / 1e9,
      });
      return [
        row("all", sum("calls"), sum("merged"), sum("dispatches")),
        ...sorted.map(({ kernel, calls, merged, dispatches: all }) =>
          row(kernel, calls, merged, all),
        ),
      ];
    });
    return { title: "A training step as dispatches: as planned, merged, with spare memory", rows };
  },
};
