import { isBuiltin } from "node:module";
import { computedImports, nodeOnly } from "../floor-plan.mjs";
import { target, walk } from "../parse.mjs";

const nodeGlobals = new Set(["process", "Buffer", "require", "__dirname", "__filename"]);

const isNodeOnly = (path) =>
  nodeOnly.some((prefix) => path.replace(/^src\//, "").startsWith(prefix));

function problemWithImport(file, imported) {
  if (imported.specifier === "") {
    return file.path in computedImports ? undefined : "a computed import cannot be checked";
  }
  if (isBuiltin(imported.specifier)) return `${imported.specifier} does not exist in a page`;
  const path = target(file, imported);
  if (path !== undefined && isNodeOnly(path)) return `${path} does not load in a page`;
  return undefined;
}

/** Whether an identifier reads a variable, rather than naming a property or declaring something. */
function readsVariable(node, parent) {
  if (parent?.type === "MemberExpression") return parent.object === node || parent.computed;
  return ["CallExpression", "NewExpression"].includes(parent?.type) && parent.callee === node;
}

/**
 * Outside the Node-only folders, nothing that a page does not have. `globalThis.process` asks, and is fine.
 * @param {readonly import("../parse.mjs").SourceFile[]} files
 * @returns {import("../parse.mjs").Problem[]}
 */
export function pageSafe(files) {
  const problems = [];
  for (const file of files) {
    if (isNodeOnly(file.path)) continue;
    const report = (line, message) => problems.push({ path: file.path, line, message });
    for (const imported of file.imports) {
      const message = problemWithImport(file, imported);
      if (message !== undefined) report(imported.line, message);
    }
    walk(file.program, (node, parent) => {
      if (node.type !== "Identifier" || !nodeGlobals.has(node.name)) return;
      if (!readsVariable(node, parent)) return;
      report(file.lineOf(node.start), `${node.name} does not exist in a page`);
    });
  }
  return problems;
}
