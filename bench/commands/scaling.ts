import { bySize, type Command, type Size } from "../command.ts";
import { smallModel, type ModelSettings } from "../models.ts";
import { measureSteps, memoryColumns, memoryTarget, timeColumns } from "./step-columns.ts";

interface Axis {
  readonly name: string;
  readonly values: Readonly<Record<Size, readonly number[]>>;
  readonly settings: (value: number, size: Size) => ModelSettings;
  readonly fixed: string;
}

const lengthOf = (size: Size): number => bySize(size, { full: 4096, quick: 1024, smallest: 64 });

/** How time and memory of a step grow along one axis, all else being equal. */
const along = ({ name, values, settings, fixed }: Axis): Command => ({
  name,
  about: `step time and memory against ${name}`,
  run: (size) => {
    const steps = bySize(size, { full: 3, quick: 1, smallest: 1 });
    const rows = values[size].map((value) => {
      const time = measureSteps({ settings: settings(value, size), steps, threads: 1 });
      return { [name]: value, ...timeColumns(time), ...memoryColumns(time) };
    });
    const chart = { title: `A training step by ${name} (${fixed})`, x: name, xTitle: name };
    return {
      title: chart.title,
      rows,
      notes: [memoryTarget(rows)],
      charts: [
        { ...chart, file: `${name}-time`, series: ["step s"], yTitle: "seconds" },
        {
          ...chart,
          file: `${name}-memory`,
          series: ["planned MiB", "process MiB"],
          yTitle: "MiB over idle",
        },
      ],
    };
  },
});

export const scaling: readonly Command[] = [
  along({
    name: "length",
    values: { full: [1024, 2048, 4096, 8192, 16384], quick: [512, 1024, 2048], smallest: [64] },
    settings: (length) => smallModel(length),
    fixed: "2 layers, 2 rounds",
  }),
  along({
    name: "depth",
    values: { full: [2, 4, 8, 16], quick: [2, 4, 8], smallest: [1] },
    settings: (depth, size) => smallModel(lengthOf(size), depth),
    fixed: "one length, 2 rounds",
  }),
  along({
    name: "rounds",
    values: { full: [1, 2, 4, 8], quick: [1, 2, 4], smallest: [1] },
    settings: (rounds, size) => smallModel(lengthOf(size), 2, rounds),
    fixed: "one length, 2 layers",
  }),
];
