/**
 * npm run bench                   every command, in full
 * npm run bench -- --quick        every command, in a minute or two
 * npm run bench -- calls memory   some of them
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildKernels } from "../tools/build-kernels.mjs";
import { nodeBundle } from "../tools/node-bundle.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const program = join(root, "build/bench/main.mjs");

buildKernels({ force: false });
await build({
  ...nodeBundle,
  entryPoints: [join(root, "bench/main.ts")],
  outfile: program,
  external: ["vega", "vega-lite", "commander"],
  sourcemap: true,
});
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
