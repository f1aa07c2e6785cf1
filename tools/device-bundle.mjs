/**
 * node tools/device-bundle.mjs [folder]   (npm run device-bundle)
 *
 * Bundles the suites of test/device for a machine with a GPU, where nothing is installed but Node and the package `webgpu`: one file
 * each, in build/device. docs/gpu/README.md says what they do. Needs the kernels (npm run build -- kernels).
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nodeBundle } from "./node-bundle.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

export const suites = ["adapter", "laws", "exact", "kernels", "step"];

/** The same model in PyTorch, for whoever has that. */
const others = ["peers.py"];

/**
 * Bundles suites into a folder.
 * @param {string} folder
 * @param {readonly string[]} names
 * @returns {Promise<void>}
 */
export async function bundleSuites(folder, names = suites) {
  mkdirSync(folder, { recursive: true });
  await build({
    ...nodeBundle,
    entryPoints: names.map((name) => join(root, `test/device/${name}.ts`)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    external: ["webgpu"],
  });
  for (const other of others) copyFileSync(join(root, "test/device", other), join(folder, other));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(root, "build/device");
  await bundleSuites(folder);
  console.log(`${[...suites, ...others].map((name) => basename(name)).join(", ")} in ${folder}`);
}
