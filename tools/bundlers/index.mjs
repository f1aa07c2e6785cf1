import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exclusively } from "../exclusive.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const { dependencies } = readJson(join(here, "package.json"));

const isInstalled = ([name, version]) => {
  const manifest = join(here, "node_modules", name, "package.json");
  return existsSync(manifest) && readJson(manifest).version === version;
};

/** Installs the bundlers that the project itself has not, unless they are there. */
export function installBundlers() {
  exclusively(join(here, "install.lock"), () => {
    if (Object.entries(dependencies).every(isInstalled)) return;
    const shell = process.platform === "win32";
    execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: here, stdio: "inherit", shell });
  });
}

/**
 * Bundles a page with webpack.
 * @param {{ entry: string, outDir: string }} page
 * @returns {Promise<readonly string[]>} what it complains of
 */
export function webpackPage({ entry, outDir }) {
  const webpack = createRequire(import.meta.url)("webpack");
  return new Promise((resolve, reject) => {
    webpack(
      {
        mode: "production",
        entry,
        target: ["web", "es2022"],
        output: { path: outDir, filename: "main.js" },
        performance: { hints: false },
      },
      (error, stats) => {
        if (error) reject(error);
        else
          resolve(
            [...stats.compilation.errors, ...stats.compilation.warnings].map(
              (each) => each.message,
            ),
          );
      },
    );
  });
}
