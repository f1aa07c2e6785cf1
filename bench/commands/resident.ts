import { bySize, type Command } from "../command.ts";
import type { ResidentParameters, ResidentTime } from "../measures/resident.ts";
import { inProcess } from "../process.ts";

export const resident: Command = {
  name: "resident",
  about: "a loop that reads little of its parameters, with what recurs in the arena and without",
  run: (size) => {
    const parameters: ResidentParameters = bySize(size, {
      full: { megabytes: 100, turns: 9, calls: 20 },
      quick: { megabytes: 100, turns: 5, calls: 10 },
      smallest: { megabytes: 1, turns: 1, calls: 4 },
    });
    const times = inProcess<readonly ResidentTime[]>("resident", parameters);
    return {
      title: `A call that reads a row of each of ${parameters.megabytes} MB of parameters (medians of turns)`,
      rows: times.map(({ stays, milliseconds, residentBytes }) => ({
        stays: String(stays),
        ms: milliseconds,
        "calls/s": 1000 / milliseconds,
        "resident MB": residentBytes / 1e6,
      })),
    };
  },
};
