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
  about:
    "operations outside of jit, new shapes, and steps of small models on one thread, beside @jax-js/jax",
  run: (size) => {
    const parameters: SmallParameters = bySize(size, {
      full: { turns: 60, milliseconds: 10 },
      quick: { turns: 20, milliseconds: 5 },
      smallest: { turns: 1, milliseconds: 0 },
    });
    const times = inProcess<readonly SmallTime[]>("small", parameters);
    return {
      title: "Small calls on one thread, processor time (medians of turns), beside @jax-js/jax",
      rows: times.map(({ what, microseconds, fastest, peer, peerFastest }) => ({
        what,
        us: microseconds,
        "fastest us": fastest,
        "jax-js us": peer,
        "jax-js fastest us": peerFastest,
        ratio: peer / microseconds,
      })),
      notes: times.flatMap(({ what, microseconds }) =>
        what in limits ? [target(`us of ${what}`, microseconds, limits[what], "most")] : [],
      ),
    };
  },
};
