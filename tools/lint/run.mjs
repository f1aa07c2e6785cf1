/** npm run lint: the checks of this folder, oxlint and prettier; every warning is an error. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checks } from "./checks/index.mjs";
import { parse } from "./parse.mjs";
import { missed, planted } from "./planted.mjs";

/** Seeing fewer files than this means that the lint looked in the wrong place. */
const fewestFiles = 350;

process.chdir(join(dirname(fileURLToPath(import.meta.url)), "../.."));

function readSources() {
  return ["src", "demo", "experiments"]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true })
        .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
        .filter((path) => path.endsWith(".ts") && !path.includes("node_modules/"))
        .sort(),
    )
    .map((path) => parse(path, readFileSync(path, "utf8")));
}

function ownChecks() {
  const faults = planted.map(missed).filter((message) => message !== undefined);
  for (const message of faults) console.error(`tools/lint: ${message}`);

  const files = readSources();
  if (files.length < fewestFiles) {
    console.error(`tools/lint: saw ${files.length} files, expected at least ${fewestFiles}`);
    return false;
  }
  const problems = Object.entries(checks).flatMap(([name, check]) =>
    check(files).map(({ path, line, message }) => `${path}:${line}: ${message} [${name}]`),
  );
  for (const problem of problems) console.error(problem);
  console.log(
    `${Object.keys(checks).join(", ")}: ${files.length} files, ${problems.length} problems ` +
      `(${planted.length - faults.length} of ${planted.length} planted trees judged right)`,
  );
  return faults.length === 0 && problems.length === 0;
}

const run = (script, ...args) =>
  spawnSync(process.execPath, [`node_modules/${script}`, ...args], { stdio: "inherit" }).status ===
  0;

const passed = [
  ownChecks(),
  run("oxlint/bin/oxlint", "--type-aware", "--deny-warnings"),
  run("prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."),
];
process.exitCode = passed.every(Boolean) ? 0 : 1;
