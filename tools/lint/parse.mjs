import { posix } from "node:path";
import { parseSync } from "oxc-parser";

/**
 * @typedef {{ specifier: string, line: number, typeOnly: boolean }} Import
 * @typedef {{ path: string, source: string, program: object, imports: Import[], lineOf: (offset: number) => number }} SourceFile
 * @typedef {{ path: string, line: number, message: string }} Problem
 */

/**
 * Calls `visit` on every node of a syntax tree, parents first.
 * @param {unknown} node
 * @param {(node: any, parent: any) => void} visit
 * @param {any} [parent]
 */
export function walk(node, visit, parent) {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, visit, parent);
  } else if (node !== null && typeof node === "object" && typeof node.type === "string") {
    visit(node, parent);
    for (const key in node) {
      if (typeof node[key] === "object") walk(node[key], visit, node);
    }
  }
}

/** The node that names the imported module, for every form that an import can take. */
function moduleNameIn(node) {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return node.source ?? node.argument ?? undefined;
    case "TSExternalModuleReference":
      return node.expression;
    default:
      return undefined;
  }
}

/**
 * Parses TypeScript source and lists its imports: static, dynamic, re-exports and types alike.
 * @param {string} path
 * @param {string} source
 * @returns {SourceFile}
 */
export function parse(path, source) {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);

  const lineStarts = [0, ...[...source.matchAll(/\n/g)].map((match) => match.index + 1)];
  const lineOf = (offset) => {
    const next = lineStarts.findIndex((start) => start > offset);
    return next === -1 ? lineStarts.length : next;
  };

  const imports = [];
  walk(program, (node) => {
    const name = moduleNameIn(node);
    if (name === undefined || name === null) return;
    imports.push({
      // A computed name cannot be checked; the page-safety rule reports it.
      specifier: typeof name.value === "string" ? name.value : "",
      line: lineOf(node.start),
      typeOnly:
        node.type === "TSImportType" || node.importKind === "type" || node.exportKind === "type",
    });
  });
  return { path, source, program, imports, lineOf };
}

/**
 * The path, from the repository root, of a relative import; undefined for the name of a package.
 * @param {SourceFile} file
 * @param {Import} imported
 * @returns {string | undefined}
 */
export function target(file, imported) {
  if (!imported.specifier.startsWith(".")) return undefined;
  return posix.normalize(posix.join(posix.dirname(file.path), imported.specifier));
}
