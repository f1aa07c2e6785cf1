/**
 * The public modules of the package, in one place: the bundler, the test runner's aliases and `exports` in
 * package.json (compared in test/tools/entries.test.ts) all follow this table.
 *
 * A source file that is missing from the checkout fails the build, unless its name is in `planned`.
 */
export const modules = {
  reformax: "src/index.ts",
  "reformax/tree": "src/core/tree.ts",
  "reformax/numpy": "src/numpy/index.ts",
  "reformax/lax": "src/lax/index.ts",
  "reformax/random": "src/random/index.ts",
  "reformax/nn": "src/nn/index.ts",
  "reformax/optim": "src/optim/index.ts",
  "reformax/reformer": "src/reformer/index.ts",
  "reformax/training": "src/training/index.ts",
  "reformax/training/worker": "src/training/worker/index.ts",
  "reformax/training/node": "src/training/node/index.ts",
  "reformax/interop": "src/interop/index.ts",
  "reformax/interop/node": "src/verify/node/index.ts",
  "reformax/testing": "src/testing/index.ts",
  "reformax/debug": "src/debug/index.ts",
  "reformax/backends/wasm": "src/backends/wasm/index.ts",
  "reformax/backends/wasm/worker": "src/backends/wasm/worker.ts",
  "reformax/backends/webgpu": "src/backends/webgpu/index.ts",
  "reformax/backends/reference": "src/backends/reference/index.ts",
};

/** Modules that run in a place of their own, where the others may not be: their bundles import nothing. */
export const alone = new Set(["reformax/backends/wasm/worker"]);

/** Modules whose source may still be absent: none. */
export const planned = new Set([]);

/** The command-line program. */
export const cli = "src/cli/main.ts";

/**
 * Name of a module's bundle inside dist, without extension.
 * @param {string} name
 * @returns {string}
 */
export const bundleName = (name) =>
  name === "reformax" ? "index" : name.slice("reformax/".length);

/**
 * Path of a module's type declarations inside dist/types.
 * @param {string} name
 * @returns {string}
 */
export const declarationName = (name) =>
  modules[name].replace(/^src\//, "").replace(/\.ts$/, ".d.ts");
