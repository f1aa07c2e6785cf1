/**
 * npm run fuzz                                      every reader of files, 200,000 mutants each
 * npm run fuzz -- --count N --seed S [reader...]    as many, from a seed that a failure named
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nodeBundle } from "./node-bundle.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const program = join(root, "build/fuzz/main.mjs");

await build({
  ...nodeBundle,
  entryPoints: [join(root, "test/fuzz/main.ts")],
  outfile: program,
  external: ["vitest"],
  sourcemap: true,
});
const { status } = spawnSync(
  process.execPath,
  ["--enable-source-maps", program, ...process.argv.slice(2)],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
