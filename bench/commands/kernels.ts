import { perSecond } from "../../src/cli/profile/rows.ts";
import { bySize, type Command } from "../command.ts";
import type { KernelsParameters, KernelTime } from "../measures/kernels.ts";
import { smallModel } from "../models.ts";
import { inProcess } from "../process.ts";

export const kernels: Command = {
  name: "kernels",
  about: "kernels on one thread: matrix products, and those of a training step",
  run: (size) => {
    const parameters: KernelsParameters = bySize(size, {
      full: { sides: [64, 128, 256, 512, 1024], settings: smallModel(4096), repeats: 5 },
      quick: { sides: [128, 512], settings: smallModel(1024), repeats: 2 },
      smallest: { sides: [32], settings: smallModel(64), repeats: 1 },
    });
    const times = inProcess<readonly KernelTime[]>("kernels", parameters);
    return {
      title: "Kernels on one thread (fastest run)",
      rows: times.map(({ what, calls, milliseconds, flops, bytes }) => ({
        what,
        calls,
        ms: milliseconds,
        "GFLOP/s": perSecond(flops, milliseconds),
        "GB/s": perSecond(bytes, milliseconds),
      })),
    };
  },
};
