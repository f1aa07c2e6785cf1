/** What the package weighs. */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { bundleName, modules } from "../../tools/entries.mjs";
import { packedInstall } from "../support/packed-install.ts";

export interface Size {
  readonly name: string;
  readonly bytes: number;
}

/** The kernels as they are compiled: the same bytes on every machine. */
export const kernelSizes = (): readonly Size[] =>
  ["kernels.wasm", "kernels.relaxed.wasm"].map((name) => ({
    name,
    bytes: statSync(join("build", name)).size,
  }));

/** The tarball, and for each public module, minified, all that loads with it. */
export async function packageSizes(): Promise<readonly Size[]> {
  const folder = packedInstall();
  const tarball = { name: "reformax.tgz", bytes: statSync(join(folder, "reformax.tgz")).size };
  const loaded = Object.keys(modules).map(async (name) => ({
    name,
    bytes: await loadedBytes(join(folder, "node_modules/reformax/dist", `${bundleName(name)}.js`)),
  }));
  return [tarball, ...(await Promise.all(loaded))];
}

/** Of the module and all that it imports, except by `import()`, which waits until it is needed. */
async function loadedBytes(path: string): Promise<number> {
  const { metafile } = await build({
    entryPoints: [path],
    outdir: "unused",
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    logLevel: "error",
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find(
    (output) => resolve(outputs[output].entryPoint ?? "") === path,
  );
  const reached = new Set<string>();
  const visit = (output: string): void => {
    if (reached.has(output)) return;
    reached.add(output);
    for (const { path: next, kind } of outputs[output].imports) {
      if (kind === "import-statement" && next in outputs) visit(next);
    }
  };
  if (entry === undefined) throw new Error(`esbuild wrote no entry for ${path}`);
  visit(entry);
  return [...reached].reduce((sum, output) => sum + outputs[output].bytes, 0);
}
