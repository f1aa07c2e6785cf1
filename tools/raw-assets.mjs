import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { deflateRawSync } from "node:zlib";
import { difference } from "./module-difference.mjs";

const loaders = {
  // Compressed first: base64 hides from archives what repeats.
  ".wasm": packed,
  ".wgsl": (bytes) => withoutComments(bytes.toString("utf8")),
};

/** The kernels with relaxed arithmetic are held as what differs from the strict ones. */
const relaxed = /\.relaxed\.wasm$/;

/**
 * @param {Buffer} bytes
 * @param {string} id
 */
function packed(bytes, id) {
  const held = relaxed.test(id)
    ? difference(readFileSync(id.replace(relaxed, ".wasm")), bytes)
    : bytes;
  return deflateRawSync(held, { level: 9 }).toString("base64");
}

/**
 * A shader's text without whole lines of comment.
 * @param {string} text
 * @returns {string}
 */
const withoutComments = (text) =>
  text
    .split("\n")
    .filter((line) => !/^\s*(\/\/.*)?$/.test(line))
    .join("\n");

/** Keeps the bytes out of the bundle's source map. */
const emptyMap = { version: 3, names: [], sources: [], mappings: "" };

/**
 * Rollup and Vite plugin: embeds `.wasm` files as a base64 string of deflated bytes and `.wgsl` files as text, so that a bundle needs neither
 * the file system nor a server.
 */
export function rawAssets() {
  return {
    name: "raw-assets",
    enforce: /** @type {const} */ ("pre"),
    /** @param {string} id */
    async load(id) {
      const loader = loaders[/\.\w+$/.exec(id)?.[0] ?? ""];
      if (loader === undefined) return null;
      const bytes = await readFile(id).catch(() => {
        throw new Error(`${id} is missing: run "npm run build" first`);
      });
      return { code: `export default ${JSON.stringify(loader(bytes, id))};`, map: emptyMap };
    },
  };
}
