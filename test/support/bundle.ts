import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Bundles a script of the repository with all that it imports into one file, for another process to run. */
export async function bundleScript(source: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL(`../../${source}`, import.meta.url))],
    outfile,
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
  });
}
