import { folderOf, inexactMathAllowed } from "../floor-plan.mjs";
import { walk } from "../parse.mjs";

/** What gives the same bits on every engine: correctly rounded operations, and constants. */
const exact = new Set(
  (
    "abs ceil clz32 floor fround imul max min round sign sqrt trunc " +
    "E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2"
  ).split(" "),
);
const marker = "exact-power";

const isInteger = (node) =>
  node.type === "UnaryExpression" && node.operator === "-"
    ? isInteger(node.argument)
    : node.type === "Literal" && Number.isInteger(node.value);

const isPower = (node) =>
  (node.type === "BinaryExpression" && node.operator === "**") ||
  (node.type === "AssignmentExpression" && node.operator === "**=");

/** A comment `exact-power: why` on the power's line or the line above vouches for it. */
function marked(file, line) {
  const lines = file.source.split("\n").slice(Math.max(0, line - 2), line);
  return lines.some((text) => new RegExp(`//.*${marker}: .`).test(text));
}

function problemWith(node, parent, file) {
  if (isPower(node)) {
    if (isInteger(node.left) && isInteger(node.right)) return undefined;
    if (marked(file, file.lineOf(node.start))) return undefined;
    return `** differs between engines: use an own function, or say why it is exact in a comment "${marker}: why"`;
  }
  if (node.type !== "Identifier" || node.name !== "Math") return undefined;
  if (parent?.type !== "MemberExpression" || parent.object !== node) {
    // A property or a type that happens to be called Math is not the global object.
    const isName =
      parent?.type === "MemberExpression" || (parent?.key === node && !parent.shorthand);
    return isName ? undefined : "Math is used as a value, so its functions cannot be checked";
  }
  if (!parent.computed && exact.has(parent.property.name)) return undefined;
  const name = parent.computed ? "[...]" : `.${parent.property.name}`;
  return `Math${name} differs between engines: use an own function of the library`;
}

/**
 * Below the folders listed in the floor plan, only arithmetic that every engine rounds alike.
 * @param {readonly import("../parse.mjs").SourceFile[]} files
 * @returns {import("../parse.mjs").Problem[]}
 */
export function exactMath(files) {
  const problems = [];
  for (const file of files) {
    if (inexactMathAllowed.includes(folderOf(file.path))) continue;
    walk(file.program, (node, parent) => {
      const message = problemWith(node, parent, file);
      if (message !== undefined) {
        problems.push({ path: file.path, line: file.lineOf(node.start), message });
      }
    });
  }
  return problems;
}
