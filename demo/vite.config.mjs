/** The first page as a folder of static files; it finds the package where a user's project would, in its built form. */
import { resolve } from "node:path";
import { defineConfig } from "vite";
import { nodeHash } from "./tools/node-hash.mjs";
import { contentPolicy, headers } from "./tools/headers.mjs";

/** The policy stands in the page too, for hosts that send no headers. */
const policyInPage = {
  name: "policy-in-page",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: contentPolicy },
      injectTo: "head-prepend",
    },
  ],
};

export default defineConfig(async () => ({
  root: import.meta.dirname,
  base: "./",
  build: {
    outDir: resolve(import.meta.dirname, "../build/demo"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // The worker's bundle holds the kernels.
    chunkSizeWarningLimit: 2000,
  },
  worker: { format: "es" },
  define: { __NODE__: JSON.stringify(await nodeHash()) },
  plugins: [policyInPage],
  server: { headers },
  preview: { host: "127.0.0.1", headers },
}));
