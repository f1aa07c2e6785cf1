import { isBuiltin } from "node:module";
import { entry, folderOf, packages } from "../floor-plan.mjs";

/** `fp-ts/Either` belongs to `fp-ts`, `@scope/name/file` to `@scope/name`. */
const packageOf = (specifier) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/**
 * A folder imports only the packages that the floor plan grants it: fp-ts stays at the edges.
 * @param {readonly import("../parse.mjs").SourceFile[]} files
 * @returns {import("../parse.mjs").Problem[]}
 */
export function foreignPackages(files) {
  const problems = [];
  for (const file of files) {
    const folder = folderOf(file.path) ?? entry;
    for (const { specifier, line } of file.imports) {
      if (specifier === "" || specifier.startsWith(".") || isBuiltin(specifier)) continue;
      const name = packageOf(specifier);
      if (name === "reformax" || packages[folder]?.includes(name)) continue;
      problems.push({ path: file.path, line, message: `${folder} may not import ${name}` });
    }
  }
  return problems;
}
