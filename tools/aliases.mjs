import { fileURLToPath } from "node:url";
import { modules } from "./entries.mjs";

/** Resolves the package's own public names to their sources: `reformax/numpy` means src/numpy/index.ts. */
export const aliases = Object.entries(modules).map(([name, source]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(`../${source}`, import.meta.url)),
}));
