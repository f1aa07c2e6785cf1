import { bySize, target, type Command } from "../command.ts";
import type { CallsParameters, CallTime } from "../measures/calls.ts";
import { inProcess } from "../process.ts";

export const calls: Command = {
  name: "calls",
  about: "the cost of calling a compiled function",
  run: (size) => {
    const parameters: CallsParameters = bySize(size, {
      full: { batches: 100, callsPerBatch: 200 },
      quick: { batches: 50, callsPerBatch: 100 },
      smallest: { batches: 2, callsPerBatch: 5 },
    });
    const times = inProcess<readonly CallTime[]>("calls", parameters);
    return {
      title: "Call of a compiled function (medians of batches)",
      rows: times.map(({ what, leaves, microseconds, fastest }) => ({
        what,
        leaves,
        us: microseconds,
        "fastest us": fastest,
      })),
      notes: [target("us of a tiny function", times[0].microseconds, 20, "most")],
    };
  },
};
