import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const { optionalDependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const exe = process.platform === "win32" ? ".exe" : "";
const bunPlatform = process.platform.replace("win32", "windows");
const bunArch = process.arch.replace("arm64", "aarch64");
const nodePlatform = process.platform.replace("win32", "win");

/** @typedef {{ name: string, path: string }} Engine name with version, and the program that takes a script */

const engine = (name, pkg, program) => ({
  name: `${name} ${optionalDependencies[pkg]}`,
  path: join(here, "node_modules", pkg, "bin", program + exe),
  pkg,
});

const others = [
  engine("node", `node-${nodePlatform}-${process.arch}`, "node"),
  engine("node", `node-bin-${nodePlatform}-${process.arch}`, "node"),
  engine("bun", `@oven/bun-${bunPlatform}-${bunArch}`, "bun"),
].filter(({ pkg }) => pkg in optionalDependencies);

/**
 * The engine that runs this process, a newer Node, and bun (JavaScriptCore).
 * @returns {Engine[]}
 */
export function engines() {
  return [
    { name: `node ${process.versions.node}`, path: process.execPath },
    ...others.map(({ name, path }) => ({ name, path })),
  ];
}

const isInstalled = ({ pkg, path }) =>
  existsSync(path) &&
  JSON.parse(readFileSync(join(here, "node_modules", pkg, "package.json"), "utf8")).version ===
    optionalDependencies[pkg];

/** Installs the other engines, unless they are there. */
export function installEngines() {
  if (others.every(isInstalled)) return;
  execFileSync("npm", ["ci"], { cwd: here, stdio: "inherit", shell: process.platform === "win32" });
}

/**
 * Runs a script on an engine and returns what it prints.
 * @param {Engine} engine
 * @param {string} script
 * @param {readonly string[]} [args]
 * @returns {string}
 */
export function runOn({ path }, script, args = []) {
  return execFileSync(path, [script, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
