import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "../../tools/lint/parse.mjs";

/**
 * The names of packages and built-in modules that JavaScript files import, themselves or through the files that they
 * import, each once. Names that are computed are not: the one of Node's WebGPU, an optional package, is.
 * @param root the folder that paths are relative to
 */
export function foreignImports(root: string, entries: readonly string[]): string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { specifier } of parse(path, readFileSync(join(root, path), "utf8")).imports) {
      if (specifier.startsWith(".")) visit(join(dirname(path), specifier));
      else if (specifier !== "") found.add(specifier);
    }
  };
  entries.forEach(visit);
  return [...found];
}
