import { arithmetics } from "../../src/backends/wasm/index.ts";
import { bySize, target, type Command } from "../command.ts";
import { novelModel } from "../models.ts";
import { measureTurns, pairedRow } from "./paired-rows.ts";
import { measureSteps, memoryColumns, memoryTarget } from "./step-columns.ts";

const threads = 2;

export const novel: Command = {
  name: "novel",
  about: "the model of a novel: 6 layers, width 256, 2 heads of 64, 320 subwords, 2 rounds",
  run: (size) => {
    const length = bySize(size, { full: 16384, quick: 2048, smallest: 64 });
    const settings = novelModel(length);
    const times = measureTurns(size, {
      variants: arithmetics.map((arithmetic) => ({ settings, threads, arithmetic, steps: 1 })),
      turns: bySize(size, { full: 5, quick: 3, smallest: 1 }),
    });
    const rows = arithmetics.map((arithmetic, i) => {
      const memory = memoryColumns(measureSteps({ settings, threads, arithmetic, steps: 0 }));
      return { length, arithmetic, ...pairedRow(times[i]), ...memory };
    });
    const targets = rows.flatMap((row) => [
      target(`${row.arithmetic}: s a step`, row["step s"], 7.5, "most"),
      target(`${row.arithmetic}: GiB over idle`, row["process MiB"] / 1024, 0.35, "most"),
    ]);
    const floors = rows.map(
      (row) =>
        `${row.arithmetic}: at the ceiling a step would take ` +
        `${((row["step s"] * row["GFLOP/s"]) / row["ceiling GFLOP/s"]).toFixed(2)} s`,
    );
    return {
      title: `A training step on a novel, ${threads} threads`,
      rows,
      notes: [...(size === "full" ? [...targets, ...floors] : []), memoryTarget(rows)],
    };
  },
};
