import { bySize, median, type Cell, type Command } from "../command.ts";
import type { WebGpuParameters, WebGpuTime } from "../measures/webgpu.ts";
import { smallModel } from "../models.ts";
import { inProcess } from "../process.ts";

export const webgpu: Command = {
  name: "webgpu",
  about: "time of a training step on the machine's WebGPU adapter",
  run: (size) => {
    const lengths = bySize(size, { full: [1024, 4096], quick: [512], smallest: [32] });
    const steps = bySize(size, { full: 9, quick: 3, smallest: 1 });
    const depth = size === "smallest" ? 1 : 2;
    const times = lengths.map((length) => {
      const parameters: WebGpuParameters = { settings: smallModel(length, depth), steps };
      return inProcess<WebGpuTime | { readonly missing: string }>("webgpu", parameters);
    });
    return {
      title: "A training step on WebGPU (2 layers, width 128; medians)",
      rows: times.map((time, i): Readonly<Record<string, Cell>> =>
        "missing" in time
          ? { length: lengths[i], adapter: time.missing }
          : {
              length: lengths[i],
              "first s": time.firstMilliseconds / 1000,
              ms: median(time.milliseconds),
              "tokens/s": (1000 * time.tokens) / median(time.milliseconds),
              "arena MiB": time.arenaBytes / 2 ** 20,
              adapter: time.adapter,
            },
      ),
    };
  },
};
