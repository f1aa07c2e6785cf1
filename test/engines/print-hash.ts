/** Run by each engine: prints the hash of a training run for every choice of the backend in a JSON list. */
import type { WasmOptions } from "../../src/backends/wasm/index.ts";
import { trainingRun } from "./training-run.ts";

const [text, choices] = process.argv.slice(2);
for (const options of JSON.parse(choices) as WasmOptions[])
  console.log((await trainingRun(new TextEncoder().encode(text), options)).parameters);
