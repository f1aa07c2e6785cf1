import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nodeBundle } from "../../tools/node-bundle.mjs";

/** Bundles a script of the repository with all that it imports into one file, for another process to run. */
export async function bundleScript(source: string, outfile: string): Promise<void> {
  await build({
    ...nodeBundle,
    entryPoints: [fileURLToPath(new URL(`../../${source}`, import.meta.url))],
    outfile,
  });
}
