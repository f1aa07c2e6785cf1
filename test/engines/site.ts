/** A site of static files: the golden run beside the package as npm installs it, under several security policies. */
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleName, modules } from "../../tools/entries.mjs";
import { packedInstall } from "../support/packed-install.ts";
import { isolationHeaders, serveStatic, type StaticServer } from "../support/static-server.ts";
import type { Question } from "./page/answer.ts";
import { goldenText } from "./golden-text.ts";
import { writeTokenizers } from "./golden-tokenizers.ts";

/** Where a module of the package lies, seen from a page. */
const fileOf = (name: string): string => `./reformax/dist/${bundleName(name)}.js`;

const importMap = JSON.stringify({
  imports: Object.fromEntries(Object.keys(modules).map((name) => [name, fileOf(name)])),
});

const html = `<!doctype html>
<meta charset="utf-8">
<title>golden run</title>
<script type="importmap">${importMap}</script>
<script type="module" src="main.js"></script>
<body></body>
`;

const hashOfMap = `'sha256-${createHash("sha256").update(importMap).digest("base64")}'`;

const policy = (...sources: readonly string[]): Readonly<Record<string, string>> => ({
  "content-security-policy": `default-src 'self'; script-src 'self' ${[hashOfMap, ...sources].join(" ")}`,
});

/** Headers of a page and all that it loads. */
const policies = {
  plain: {},
  isolated: isolationHeaders,
  // As a careful site has it: neither inline scripts nor blob:.
  strict: { ...isolationHeaders, ...policy("'wasm-unsafe-eval'") },
  withoutWasm: { ...isolationHeaders, ...policy() },
} satisfies Record<string, Readonly<Record<string, string>>>;

export type Policy = keyof typeof policies;

/** The file that the package brings for threads' workers, seen from a script. */
export const workerFile = fileOf("reformax/backends/wasm/worker");

/** A model as HuggingFace has it. */
export const exportedFolder = fileURLToPath(new URL("../golden/exported", import.meta.url));

const twoWords = {
  model: {
    type: "WordPiece",
    unk_token: "?",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: { "?": 0, be: 1 },
  },
};

export interface Site {
  /** The address of a page that answers a question and writes the answer, as JSON, into an `output`. */
  address(policy: Policy, where: "window" | "worker", question: Question): string;
  close(): Promise<void>;
}

/** Writes scripts as they are, without their imports of the package; those of a page are names, for its import map. */
async function writeScript(name: string, folder: string, isWorker: boolean): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL(`page/${name}.ts`, import.meta.url))],
    outfile: join(folder, `${name}.js`),
    bundle: true,
    format: "esm",
    target: "es2022",
    logLevel: "error",
    plugins: [
      {
        name: "package-stays-outside",
        setup: (builder) => {
          // No import map holds in a worker.
          builder.onResolve({ filter: /^reformax(\/|$)/ }, ({ path }) => ({
            path: isWorker ? fileOf(path) : path,
            external: true,
          }));
        },
      },
    ],
  });
}

export async function openSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "reformax-site-"));
  writeFileSync(join(folder, "index.html"), html);
  writeFileSync(join(folder, "text.txt"), goldenText);
  writeTokenizers(join(folder, "tokenizers"));
  cpSync(exportedFolder, join(folder, "folder"), { recursive: true });
  writeFileSync(join(folder, "folder/tokenizer.json"), JSON.stringify(twoWords));
  await writeScript("main", folder, false);
  await writeScript("worker", folder, true);
  const installed = join(packedInstall(), "node_modules/reformax");
  const mounts = Object.entries(policies).flatMap(([name, headers]) => [
    { at: `/${name}/`, folder, headers },
    { at: `/${name}/reformax/`, folder: installed, headers },
  ]);
  const server: StaticServer = await serveStatic(mounts);
  return {
    address: (policy, where, question) => {
      const query = new URLSearchParams({ where, question: JSON.stringify(question) });
      return `${server.origin}/${policy}/?${query.toString()}`;
    },
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
