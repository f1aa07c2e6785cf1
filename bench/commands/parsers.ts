import { bySize, target, type Command } from "../command.ts";
import type { ParsersParameters, ParserTime } from "../measures/parsers.ts";
import { inProcess } from "../process.ts";

export const parsers: Command = {
  name: "parsers",
  about: "reading files of ever more tensors, layers and entries: time grows as they do",
  run: (size) => {
    const parameters: ParsersParameters = bySize(size, {
      full: { counts: [1000, 10_000, 100_000], repeats: 5 },
      quick: { counts: [1000, 10_000, 100_000], repeats: 2 },
      smallest: { counts: [10, 100], repeats: 1 },
    });
    const times = inProcess<readonly ParserTime[]>("parsers", parameters);
    const [before, last] = times.slice(-2);
    const growth = Object.entries(last.milliseconds).map(
      ([name, time]) => time / before.milliseconds[name as keyof typeof before.milliseconds],
    );
    return {
      title: "Milliseconds to read a file of that many parts (least of the repeats)",
      rows: times.map(({ count, milliseconds }) => ({ parts: count, ...milliseconds })),
      notes: [target("time of ten times as many parts", Math.max(...growth), 20, "most")],
    };
  },
};
