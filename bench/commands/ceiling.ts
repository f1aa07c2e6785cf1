import { bySize, type Command } from "../command.ts";
import type { Ceiling, CeilingParameters } from "../measures/ceiling.ts";
import type { Rounding } from "../ceiling/loop.ts";
import { inProcess } from "../process.ts";

/** GFLOP/s of all threads together. */
function ceilingOf(parameters: CeilingParameters): number {
  const { gigaflops } = inProcess<Ceiling>("ceiling", parameters);
  return gigaflops.reduce((sum, each) => sum + each, 0);
}

const roundings: readonly Rounding[] = ["strict", "relaxed"];

export const ceiling: Command = {
  name: "ceiling",
  about: "vector arithmetic in registers: what no kernel can exceed on this machine",
  run: (size) => {
    const slices = bySize(size, { full: 200, quick: 50, smallest: 2 });
    const rows = roundings.map((rounding) => {
      const [one, two] = [1, 2].map((threads) => ceilingOf({ rounding, threads, slices }));
      return {
        arithmetic: rounding,
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
