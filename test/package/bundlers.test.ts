/*
 * A page that uses WebGPU, as the bundlers of users make it from the installed package: the shaders and the library of tokenizers are in
 * it, the optional package for Node is not, and it computes in Chromium.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import { build as vite, createLogger } from "vite";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installBundlers, webpackPage } from "../../tools/bundlers/index.mjs";
import { openChromium, withSoftwareAdapter } from "../support/browsers.ts";
import { consumerFolder } from "../support/packed-install.ts";
import { chromium, describeWith } from "../support/programs.ts";
import { serveStatic, type StaticServer } from "../support/static-server.ts";

const page = `
import { init } from "reformax";
import { loadTokenizer } from "reformax/interop";
import { array, matmul } from "reformax/numpy";
const output = document.createElement("output");
try {
  const { name } = await init("webgpu", { powerPreference: "high-performance" });
  const product = matmul(array([[1, 2]]), array([[3], [4]]));
  const vocab = { "?": 0, to: 1, be: 2 };
  const file = JSON.stringify({ model: { type: "WordPiece", unk_token: "?", vocab } });
  const tokenizer = await loadTokenizer(new TextEncoder().encode(file));
  const ids = tokenizer.encode("be");
  output.textContent = [name, await product.data(), ids].join(" ");
} catch (error) {
  output.textContent = String(error);
}
document.body.append(output);
`;

const html = `<!doctype html><meta charset="utf-8"><title>a page</title><body><script type="module" src="./main.js"></script></body>`;

interface Page {
  readonly entry: string;
  readonly outDir: string;
}

/** Each bundles a page as its documentation says for browsers, and tells what it complained of. */
const bundlers: Readonly<Record<string, (page: Page) => Promise<readonly string[]>>> = {
  esbuild: async ({ entry, outDir }) => {
    const { errors, warnings } = await esbuild({
      entryPoints: [entry],
      outdir: outDir,
      bundle: true,
      minify: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      logLevel: "silent",
    });
    return [...errors, ...warnings].map(({ text }) => text);
  },
  rollup: async ({ entry, outDir }) => {
    const complaints: string[] = [];
    const bundle = await rollup({
      input: entry,
      plugins: [nodeResolve({ browser: true })],
      onwarn: ({ message }) => complaints.push(message),
    });
    await bundle.write({ dir: outDir, format: "es" });
    await bundle.close();
    return complaints;
  },
  vite: async ({ entry, outDir }) => {
    const complaints: string[] = [];
    const warn = (message: string): number => complaints.push(message);
    await vite({
      root: join(entry, ".."),
      base: "./",
      configFile: false,
      customLogger: { ...createLogger("error"), warn, warnOnce: warn },
      build: {
        outDir,
        target: "es2022",
        chunkSizeWarningLimit: 2000,
        rollupOptions: { input: entry, output: { entryFileNames: "main.js" } },
      },
    });
    return complaints;
  },
  webpack: webpackPage,
};

let folder: string;
let site: StaticServer;

beforeAll(async () => {
  installBundlers();
  folder = consumerFolder({ "main.js": page });
  for (const name of Object.keys(bundlers)) {
    mkdirSync(join(folder, "built", name), { recursive: true });
    writeFileSync(join(folder, "built", name, "index.html"), html);
  }
  site = await serveStatic([{ at: "/", folder: join(folder, "built") }]);
}, 300_000);

afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

describe.each(Object.entries(bundlers))("%s", (name, bundle) => {
  test("takes the shaders in, nothing of Node's, and has nothing to say", async () => {
    const outDir = join(folder, "built", name);
    expect(await bundle({ entry: join(folder, "main.js"), outDir })).toEqual([]);
    writeFileSync(join(outDir, "index.html"), html);
    const files = readdirSync(outDir, { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => !/\.(js|html)$/.test(file) && /\./.test(file))).toEqual([]);
    const text = files
      .filter((file) => file.endsWith(".js"))
      .map((file) => readFileSync(join(outDir, file), "utf8"))
      .join("\n");
    expect(text).toContain("fn leftQuad");
    expect(text).toContain("workgroupBarrier()");
    // Dawn for Node would bring these.
    expect(text).not.toMatch(/dawn\.node|from\s*["']webgpu["']|require\(["']webgpu["']\)/);
  }, 120_000);
});

describeWith(chromium, "in Chromium with its software adapter", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium(withSoftwareAdapter);
  });
  afterAll(() => browser.close());

  test.each(Object.keys(bundlers))(
    "the page of %s computes on WebGPU, and tokenizes",
    async (name) => {
      const open = await browser.newPage();
      await open.goto(`${site.origin}/${name}/`);
      expect(await open.textContent("output", { timeout: 60_000 })).toBe("webgpu 11 2");
      await open.close();
    },
  );
});
