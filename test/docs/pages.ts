import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Folders that hold pages, with those inside of them; pages lie in the root too. */
const folders = ["bench", "docs", "demo", "examples", "models", "samples"];

/** Every Markdown page that readers of the project meet, by its path from the root; or of the package installed there. */
export function markdownPages(root = "."): string[] {
  const entries = readdirSync(root, { withFileTypes: true });
  const inRoot = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const inFolders = entries
    .filter((entry) => entry.isDirectory() && folders.includes(entry.name))
    .flatMap(({ name }) =>
      readdirSync(join(root, name), { recursive: true, encoding: "utf8" }).map((path) =>
        join(name, path),
      ),
    );
  return [...inRoot, ...inFolders]
    .filter((path) => path.endsWith(".md") && !path.includes("node_modules"))
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}
