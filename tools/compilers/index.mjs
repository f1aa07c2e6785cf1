import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exclusively } from "../exclusive.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const { dependencies } = readJson(join(here, "package.json"));

/** @typedef {{ name: string, version: string, folder: string, tsc: string }} Compiler the compiler's package, and its program */

const compiler = (folder, version) => ({
  name: `TypeScript ${version}`,
  version,
  folder,
  tsc: join(folder, "bin/tsc"),
});

const earlier = Object.entries(dependencies).map(([name, wanted]) =>
  compiler(join(here, "node_modules", name), wanted.replace("npm:typescript@", "")),
);

/**
 * Every TypeScript that the published types are for: the earlier ones, then the project's own.
 * @returns {Compiler[]}
 */
export function compilers() {
  const own = join(root, "node_modules/typescript");
  return [...earlier, compiler(own, readJson(join(own, "package.json")).version)];
}

const isInstalled = ({ folder, version }) => {
  const manifest = join(folder, "package.json");
  return existsSync(manifest) && readJson(manifest).version === version;
};

/** Installs the earlier compilers, unless they are there. */
export function installCompilers() {
  exclusively(join(here, "install.lock"), () => {
    if (earlier.every(isInstalled)) return;
    const shell = process.platform === "win32";
    execFileSync("npm", ["ci"], { cwd: here, stdio: "inherit", shell });
  });
}
