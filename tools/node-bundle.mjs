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
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
};
