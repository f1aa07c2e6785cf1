import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { exclusively } from "./exclusive.mjs";
import { fingerprint } from "./fingerprint.mjs";

const generators = [
  "tools/generate-constants.mjs",
  "tools/generate-scalar-kernels.mjs",
  "tools/generate-microkernels.mjs",
  "tools/generate-kernel-table.mjs",
];
/** The compiled kernels by the target of asconfig.json. */
const outputs = { release: "build/kernels.wasm", relaxed: "build/kernels.relaxed.wasm" };
const stamp = "build/kernels.stamp";

/**
 * Generates the kernels' derived sources, then compiles assembly/ to build/kernels*.wasm. Does nothing when the compiled
 * kernels already belong to the sources; several test runs at once compile once.
 * @param {{ force?: boolean }} options
 * @returns {boolean} whether the compiler ran
 */
export function buildKernels({ force = false } = {}) {
  mkdirSync("build", { recursive: true });
  return exclusively("build/kernels.lock", () => compileKernels(force));
}

function compileKernels(force) {
  for (const generator of generators.filter((path) => existsSync(path))) {
    execFileSync(process.execPath, [generator], { stdio: "inherit" });
  }
  if (!existsSync("assembly/index.ts")) return false;
  const sources = fingerprint(["assembly", "asconfig.json", "package-lock.json"]);
  const fresh =
    [...Object.values(outputs), stamp].every((path) => existsSync(path)) &&
    readFileSync(stamp, "utf8") === sources;
  if (fresh && !force) return false;
  for (const [target, output] of Object.entries(outputs)) compileTarget(target, output);
  writeFileSync(stamp, sources);
  return true;
}

function compileTarget(target, output) {
  // Written beside the output and renamed, so that a reader never sees half a file.
  const partial = `build/kernels.${process.pid}.wasm`;
  try {
    const asc = "node_modules/assemblyscript/bin/asc.js";
    execFileSync(
      process.execPath,
      [asc, "--config", "asconfig.json", "--target", target, "--outFile", partial],
      { stdio: "inherit" },
    );
    renameSync(partial, output);
  } finally {
    rmSync(partial, { force: true });
  }
}
