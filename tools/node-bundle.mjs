/**
 * How esbuild bundles a program of the repository, with all that it imports, into one file that Node runs.
 * @type {import("esbuild").BuildOptions}
 */
export const nodeBundle = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "error",
  // As tools/raw-assets.mjs does for rollup and vite.
  loader: { ".wasm": "base64", ".wgsl": "text" },
  banner: {
    // Under a name of its own: what is bundled may import createRequire as well.
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
};
