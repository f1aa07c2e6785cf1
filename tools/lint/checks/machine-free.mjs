import { folderOf, machineFree, namesOfMachines } from "../floor-plan.mjs";
import { walk } from "../parse.mjs";

/** The words of an identifier, a string or a piece of a template; undefined for every other node. */
function textOf(node) {
  if (node.type === "Identifier") return node.name;
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  return node.type === "TemplateElement" ? node.value.raw : undefined;
}

/**
 * Operations, programs and plans know no machine: how a kernel is called, encoded and given workspace is the backend's.
 * Comments may name what they like.
 * @param {readonly import("../parse.mjs").SourceFile[]} files
 * @returns {import("../parse.mjs").Problem[]}
 */
export function machineFreeNames(files) {
  const problems = [];
  for (const file of files) {
    const folder = folderOf(file.path);
    if (!machineFree.includes(folder)) continue;
    const refused = namesOfMachines.filter(({ except }) => !except.includes(folder));
    walk(file.program, (node) => {
      const text = textOf(node);
      if (text === undefined) return;
      const found = refused.find(({ pattern }) => pattern.test(text));
      if (!found) return;
      const message = `${text} names a machine: ${found.why}`;
      problems.push({ path: file.path, line: file.lineOf(node.start), message });
    });
  }
  return problems;
}
