import { bySize, target, type Command } from "../command.ts";
import type { SmallParameters, SmallTime } from "../measures/small.ts";
import { inProcess } from "../process.ts";

/** Microseconds that a call should take at most, by what it does. */
const limits: Readonly<Record<string, number>> = {
  "eager add": 10,
  "eager add, a new shape": 200,
  "eager gradient of sum(sin(x)^2)": 60,
  "LSTM step": 1000,
  "transformer block step": 3000,
};

export const small: Command = {
  name: "small",
  about: "operations outside of jit, new shapes, and steps of small models on one thread",
  run: (size) => {
    const parameters: SmallParameters = bySize(size, {
      full: { turns: 60, milliseconds: 10 },
      quick: { turns: 20, milliseconds: 5 },
      smallest: { turns: 1, milliseconds: 0 },
    });
    const times = inProcess<readonly SmallTime[]>("small", parameters);
    return {
      title: "Small calls on one thread (medians of turns)",
      rows: times.map(({ what, microseconds, fastest }) => ({
        what,
        us: microseconds,
        "fastest us": fastest,
      })),
      notes: times.flatMap(({ what, microseconds }) =>
        what in limits ? [target(`us of ${what}`, microseconds, limits[what], "most")] : [],
      ),
    };
  },
};
