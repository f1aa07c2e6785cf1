/** Run by each engine: prints the hash of a training run, and on how many threads it was, for every choice in a JSON list. */
import type { WasmOptions } from "reformax/backends/wasm";
import { trainingRun } from "./training-run.ts";

const [text, choices] = process.argv.slice(2);
for (const options of JSON.parse(choices) as WasmOptions[]) {
  const { parameters, threads } = await trainingRun(new TextEncoder().encode(text), options);
  console.log(parameters, threads);
}
