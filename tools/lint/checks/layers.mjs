import { allowedFrom, assets, folderOf, guests } from "../floor-plan.mjs";
import { target } from "../parse.mjs";

const inTree = (path) => /^(src|demo|experiments)\//.test(path);

function problemWith(file, imported) {
  const folder = folderOf(file.path);
  const isGuest = guests.includes(folder);
  if (/^reformax(\/|$)/.test(imported.specifier)) {
    if (isGuest) return undefined;
    return "the package imports itself by its public name: import the file instead";
  }
  const path = target(file, imported);
  if (path === undefined) return undefined;
  if (!inTree(path)) {
    const allowed = assets[folder] ?? [];
    return allowed.some((prefix) => path.startsWith(prefix))
      ? undefined
      : `${folder} may not import ${path}, outside the source tree`;
  }
  const other = folderOf(path);
  if (other === undefined) return `${path} is in a folder that the floor plan does not name`;
  if (isGuest && other !== folder) {
    return `${folder} uses the package by its public names: ${path} is not one`;
  }
  if (allowedFrom(folder).has(other)) return undefined;
  return `${folder} may not import ${other} (${path}): imports only point down the floor plan`;
}

/**
 * Imports point down the floor plan.
 * @param {readonly import("../parse.mjs").SourceFile[]} files
 * @returns {import("../parse.mjs").Problem[]}
 */
export function layers(files) {
  const problems = [];
  for (const file of files) {
    const report = (line, message) => problems.push({ path: file.path, line, message });
    if (folderOf(file.path) === undefined) {
      report(1, "in a folder that the floor plan (tools/lint/floor-plan.mjs) does not name");
      continue;
    }
    for (const imported of file.imports) {
      const message = problemWith(file, imported);
      if (message !== undefined) report(imported.line, message);
    }
  }
  return problems;
}
