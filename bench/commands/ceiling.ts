import { arithmetics } from "../../src/backends/wasm/index.ts";
import { bySize, type Command } from "../command.ts";
import type { CeilingParameters } from "../measures/ceiling.ts";
import { inProcess } from "../process.ts";

export const ceiling: Command = {
  name: "ceiling",
  about: "vector arithmetic in registers: what no kernel can exceed on this machine",
  run: (size) => {
    const slices = bySize(size, { full: 200, quick: 50, smallest: 2 });
    const rows = arithmetics.map((arithmetic) => {
      const [one, two] = [1, 2].map((threads) => {
        const parameters: CeilingParameters = { arithmetic, threads, slices };
        return inProcess<number>("ceiling", parameters);
      });
      return {
        arithmetic,
        "1 thread GFLOP/s": one,
        "2 threads GFLOP/s": two,
        ratio: two / one,
      };
    });
    return {
      title: "Multiplications and additions of vectors in registers",
      rows,
      notes: ["A ratio near 1 means that both threads run on one core of the host."],
    };
  },
};
