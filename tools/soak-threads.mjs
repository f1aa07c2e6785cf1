/**
 * node tools/soak-threads.mjs [steps] [threads]
 *
 * Lets threads share steps, ten million unless told otherwise, in runs of a hundred thousand, and checks the result of every
 * run. Needs the built package. More threads than cores make them sleep and wake instead of spinning.
 */
import { init, jit } from "reformax";
import { foriLoop } from "reformax/lax";
import { add, zeros } from "reformax/numpy";

const steps = Number(process.argv[2] ?? 1e7);
const threads = Number(process.argv[3] ?? 2);
const perRun = 1e5;
const words = 64;

const seen = { calls: 0, longest: 0 };
await init("wasm", {
  threads,
  smallest: { step: 0, run: 0 },
  profile: {
    onRun: (run) => {
      if (run.threads !== threads) throw new Error(`a run had ${run.threads} threads`);
      for (const step of run.steps) seen.calls += step.calls;
      seen.longest = Math.max(seen.longest, run.end - run.begin);
    },
  },
});

const count = jit((x) => foriLoop(0, perRun, (_, y) => add(y, 1), x));
const begin = performance.now();
for (let runs = 1; seen.calls < steps; runs++) {
  const result = [...count(zeros([words])).words()];
  if (result.some((x) => x !== perRun)) throw new Error(`run ${runs} gave ${result[0]}`);
  if (runs % 10 === 0) console.log(`${seen.calls} steps`);
}
const seconds = (performance.now() - begin) / 1000;
console.log(
  `${seen.calls} steps shared by ${threads} threads in ${seconds.toFixed(1)} s, ` +
    `${((seconds / seen.calls) * 1e6).toFixed(2)} us each; longest run ${(seen.longest / 1000).toFixed(2)} s`,
);
