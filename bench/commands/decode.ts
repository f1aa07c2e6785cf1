import { spawnSync } from "node:child_process";
import { bySize, target, type Command } from "../command.ts";
import type { Agreement, AgreementParameters } from "../measures/agreement.ts";
import type { DecodeParameters, DecodeTime } from "../measures/decode.ts";
import { inProcess } from "../process.ts";

/** Tokens a second that are aimed at. */
const targets: Readonly<Record<string, number>> = {
  "bytes-small": 400,
  "bytes-long": 100,
  novel: 20,
};

const full: readonly DecodeParameters[] = [
  { preset: "bytes-small", position: 500, tokens: 500, prompt: "read" },
  { preset: "bytes-long", position: 1000, tokens: 200, prompt: "read" },
  { preset: "bytes-long", position: 16000, tokens: 300, prompt: "read" },
  { preset: "novel", position: 500000, tokens: 100, prompt: "random" },
];

export const decode: Command = {
  name: "decode",
  about: "tokens a second with a cache, and how often cache and whole passes agree",
  run: (size, { python } = {}) => {
    const times = bySize(size, {
      full,
      quick: [full[0], { ...full[1], tokens: 50 }],
      smallest: [
        { preset: "bytes-small", position: 3, capacity: 80, tokens: 2, prompt: "read" },
        { preset: "bytes-small", position: 70, capacity: 80, tokens: 2, prompt: "random" },
      ],
    });
    const rows = times.map((parameters) => {
      const time = inProcess<DecodeTime>("decode", parameters);
      const { preset, position, prompt } = parameters;
      return {
        model: preset,
        position,
        before: prompt,
        "ms/token": time.milliseconds,
        "tokens/s": 1000 / time.milliseconds,
        "cache MB": time.cacheBytes / 1e6,
        "prompt s": time.promptSeconds,
      };
    });
    const agreement = inProcess<Agreement>("agreement", {
      checkpoint: "models/crime-and-punishment.safetensors",
      text: "samples/crime-and-punishment.txt",
      tokens: bySize(size, { full: 1000, quick: 100, smallest: 2 }),
    } satisfies AgreementParameters);
    const peers = python === undefined ? [] : peerRows(python, size === "full");
    return {
      title: "A token with a cache (one thread, processor time)",
      rows: [...rows, ...peers],
      notes: [
        ...rows.map((row) =>
          target(
            `${row.model} at ${row.position}: tokens/s`,
            row["tokens/s"],
            targets[row.model],
            "least",
          ),
        ),
        `the shipped model, cache against whole passes: the same next byte ${(100 * agreement.same).toFixed(1)} % of the time, ` +
          `KL ${agreement.divergence.toExponential(2)} nats, ` +
          `${agreement.cacheBits.toFixed(3)} and ${agreement.wholeBits.toFixed(3)} bits per byte`,
        ...(python === undefined
          ? ["transformers was not measured: --python PATH names a Python that has it"]
          : []),
      ],
    };
  },
};

/** What transformers needs for a token of a model of these sizes, as bench/peers/decode.py measures it. */
function peerRows(python: string, isFull: boolean) {
  const positions = isFull ? ["500", "1000", "4000"] : ["500"];
  const { status, stdout, error } = spawnSync(python, ["bench/peers/decode.py", ...positions], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw error ?? new Error(`${python} bench/peers/decode.py failed`);
  const times = JSON.parse(stdout) as readonly {
    readonly position: number;
    readonly milliseconds: number;
    readonly promptSeconds: number;
  }[];
  return times.map(({ position, milliseconds, promptSeconds }) => ({
    model: "transformers, as bytes-small",
    position,
    before: "read",
    "ms/token": milliseconds,
    "tokens/s": 1000 / milliseconds,
    "cache MB": 0,
    "prompt s": promptSeconds,
  }));
}
