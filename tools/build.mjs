/**
 * npm run build            kernels, bundles and type declarations, each only when its sources changed
 * npm run build -- kernels only build/kernels*.wasm
 * npm run build -- --force everything again
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildKernels } from "./build-kernels.mjs";
import { publishDeclarations } from "./declarations.mjs";
import { declarationName, modules } from "./entries.mjs";
import { fingerprint } from "./fingerprint.mjs";

const inputs = [
  "src",
  "experiments",
  "shaders",
  "build/kernels.wasm",
  "build/kernels.relaxed.wasm",
  "tools/declarations.mjs",
  "tools/entries.mjs",
  "tools/raw-assets.mjs",
  "tools/third-party-notices.mjs",
  "rollup.config.mjs",
  "tsconfig.json",
  "tsconfig.build.json",
  "package-lock.json",
];
const stamp = "dist/stamp";
const notices = "THIRD-PARTY-NOTICES";

process.chdir(join(dirname(fileURLToPath(import.meta.url)), ".."));
const force = process.argv.includes("--force");
const run = (script, ...args) =>
  execFileSync(process.execPath, [script, ...args], { stdio: "inherit" });

try {
  const compiled = buildKernels({ force });
  console.log(compiled ? "kernels: compiled" : "kernels: up to date");
  if (!process.argv.includes("kernels")) buildPackage();
} catch (error) {
  // The tools have already printed what is wrong.
  if (error?.status === undefined) console.error(error);
  process.exitCode = 1;
}

function buildPackage() {
  const sources = fingerprint(inputs);
  const fresh = [stamp, notices].every((path) => existsSync(path));
  if (!force && fresh && readFileSync(stamp, "utf8") === sources) {
    console.log("package: up to date");
    return;
  }
  // Built beside dist and swapped in whole, so that no bundle of an earlier build stays behind.
  const next = `dist.${process.pid}`;
  try {
    run("node_modules/rollup/dist/bin/rollup", "-c", "--silent", "-d", next);
    run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", `${next}/all`);
    publishDeclarations(`${next}/all`, `${next}/types`, Object.keys(modules).map(declarationName));
    rmSync(`${next}/all`, { recursive: true });
    writeFileSync(`${next}/stamp`, sources);
    renameSync(`${next}/${notices}`, notices);
    rmSync("dist", { recursive: true, force: true });
    renameSync(next, "dist");
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
  console.log("package: built");
}
