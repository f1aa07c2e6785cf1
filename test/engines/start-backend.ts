/** Run by an engine: says on how many threads a backend would compute, or why there is none. */
import { init } from "reformax";
import type { WasmOptions } from "reformax/backends/wasm";

const [options] = process.argv.slice(2);
try {
  const { threads } = await init("wasm", JSON.parse(options) as WasmOptions);
  console.log(JSON.stringify(threads));
} catch (error) {
  console.log(String(error));
}
