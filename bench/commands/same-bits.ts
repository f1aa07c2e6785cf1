import { arithmetics } from "../../src/backends/wasm/index.ts";
import { bySize, type Command } from "../command.ts";
import { longModel, wholeNovelModel } from "../models.ts";
import { measureSteps } from "./step-columns.ts";

const threadCounts = [1, 2];

export const sameBits: Command = {
  name: "same-bits",
  about: "hashes of parameters and optimiser state after a step on 65,536 tokens, 1 and 2 threads",
  run: (size) => {
    const length = bySize(size, { full: 65536, quick: 4096, smallest: 64 });
    const models = { novel: wholeNovelModel(length), million: longModel(length) };
    const rows = Object.entries(models).flatMap(([model, settings]) =>
      arithmetics.flatMap((arithmetic) =>
        threadCounts.map((threads) => {
          const time = measureSteps({ settings, steps: 0, threads, arithmetic });
          return {
            model,
            arithmetic,
            threads,
            "step s": time.milliseconds[0] / 1000,
            rebuilt: String(time.rebuilt),
            hash: time.stateHash.slice(0, 16),
          };
        }),
      ),
    );
    const kinds = new Set(rows.map(({ model, arithmetic }) => `${model}, ${arithmetic}`));
    const hashes = new Set(
      rows.map(({ model, arithmetic, hash }) => `${model}, ${arithmetic}: ${hash}`),
    );
    return {
      title: `A step on ${length} tokens, on one thread and on two`,
      rows,
      notes: [
        `${hashes.size} different hashes of ${kinds.size} kinds of run: ` +
          (hashes.size === kinds.size ? "equal bits" : "BITS DIFFER"),
      ],
    };
  },
};
