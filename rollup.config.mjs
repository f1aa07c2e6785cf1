import { existsSync } from "node:fs";
import { join } from "node:path";
import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import esbuild from "rollup-plugin-esbuild";
import license from "rollup-plugin-license";
import { alone, bundleName, cli, modules, planned } from "./tools/entries.mjs";
import { rawAssets } from "./tools/raw-assets.mjs";
import { compact } from "./tools/compact.mjs";
import { allowedLicences, thirdPartyNotices } from "./tools/third-party-notices.mjs";

function sourcesOf(names) {
  const absent = names.filter((name) => !existsSync(modules[name]));
  const missing = absent.filter((name) => !planned.has(name));
  if (missing.length > 0) throw new Error(`no source file for ${missing.join(", ")}`);
  if (absent.length > 0) console.warn(`not written yet: ${absent.join(", ")}`);
  const present = names.filter((name) => !absent.includes(name));
  return Object.fromEntries(present.map((name) => [bundleName(name), modules[name]]));
}

/** The CommonJS files that the sources name, because Node can import them, as the ES modules beside them, of which unused functions fall away. */
const fpTsModules = {
  name: "fp-ts-modules",
  resolveId(source, importer, options) {
    if (!source.startsWith("fp-ts/lib/")) return null;
    return this.resolve(source.replace("/lib/", "/es6/"), importer, options);
  },
};

const scripts = { target: "es2022", tsconfig: "tsconfig.json" };

/** What only the program needs is installed beside the package; all else is bundled, so that dist runs in a page as it is. */
const external = ["commander", "cli-progress"];

const together = Object.keys(modules).filter((name) => !alone.has(name));

const everything = (dir) => ({
  input: { ...sourcesOf(together), ...(existsSync(cli) ? { cli } : {}) },
  external,
  plugins: [
    rawAssets(),
    fpTsModules,
    nodeResolve({ extensions: [".ts", ".mjs", ".js"], preferBuiltins: true }),
    commonjs({ include: /node_modules\/midi-file\// }),
    esbuild(scripts),
    compact(),
    license({
      thirdParty: {
        allow: { test: allowedLicences, failOnUnlicensed: true, failOnViolation: true },
        output: { file: join(dir, "THIRD-PARTY-NOTICES"), template: thirdPartyNotices },
      },
    }),
  ],
  output: {
    format: "es",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    generatedCode: "es2015",
  },
  onwarn(warning) {
    // TypeScript's helper functions, as compiled into fp-ts, mention a top-level `this`.
    if (warning.code === "THIS_IS_UNDEFINED" && warning.id?.includes("/node_modules/fp-ts/"))
      return;
    throw new Error(warning.message);
  },
});

const byItself = (name) => ({
  input: sourcesOf([name]),
  plugins: [esbuild(scripts), compact()],
  output: { format: "es", entryFileNames: "[name].js" },
});

export default ({ dir }) => [everything(dir), ...[...alone].map(byItself)];
