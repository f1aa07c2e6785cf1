import { parseSync, type Comment, type Program } from "oxc-parser";

type Statement = Program["body"][number];

const isContinuation = (comment: Comment): boolean => /^ {3,}\S/.test(comment.value);

interface Expectation {
  readonly start: number;
  readonly text: string;
}

/** The `// => text` comments; lines indented behind `//` continue the text of the line above. */
function expectationsIn(code: string, comments: readonly Comment[]): Expectation[] {
  const expectations: Expectation[] = [];
  let end = -1;
  for (const comment of comments) {
    const last = expectations.at(-1);
    const adjoins = end >= 0 && code.slice(end, comment.start).trim() === "";
    if (comment.type === "Line" && comment.value.trimStart().startsWith("=>")) {
      const text = comment.value.trimStart().slice(2).trim();
      expectations.push({ start: comment.start, text });
      end = comment.end;
    } else if (last !== undefined && adjoins && isContinuation(comment)) {
      expectations.splice(-1, 1, { ...last, text: `${last.text}\n${comment.value.trim()}` });
      end = comment.end;
    } else {
      end = -1;
    }
  }
  return expectations;
}

/** The source of what a statement shows, and the part of the statement to replace by its check. */
function shownBy(statement: Statement, code: string) {
  if (statement.type === "VariableDeclaration") {
    const { id } = statement.declarations[statement.declarations.length - 1];
    if (id.type !== "Identifier") return undefined;
    return { shown: id.name, start: statement.end, end: statement.end };
  }
  if (statement.type !== "ExpressionStatement") return undefined;
  const { expression, start, end } = statement;
  if (
    expression.type === "CallExpression" &&
    code.slice(expression.callee.start, expression.callee.end) === "console.log"
  ) {
    const first = expression.arguments.at(0);
    const last = expression.arguments.at(-1);
    const shown = first && last ? code.slice(first.start, last.end) : "";
    return { shown, start, end };
  }
  return { shown: code.slice(expression.start, expression.end), start, end };
}

/**
 * Turns every statement with a `// => text` behind it into a call of `check` from `checkModule`. Lines keep their numbers.
 */
export function instrument(code: string, checkModule: string): string {
  const { program, comments, errors } = parseSync("example.ts", code);
  if (errors.length > 0) throw new Error(`the example does not parse: ${errors[0].message}`);

  let result = code;
  for (const { start, text } of expectationsIn(code, comments).reverse()) {
    const statement = program.body.findLast(({ end }) => end <= start);
    const isBehind =
      statement !== undefined && /^[ \t]*\n?[ \t]*$/.test(code.slice(statement.end, start));
    const target = isBehind ? shownBy(statement, code) : undefined;
    const line = code.slice(0, start).split("\n").length;
    if (target === undefined) throw new Error(`"// => ${text}" (line ${line}) follows no value`);
    const call = `;__check(${line}, ${JSON.stringify(text)}, [${target.shown}]);`;
    result = result.slice(0, target.start) + call + result.slice(target.end);
  }
  const helpers = `import { check as __check, quiet as console } from ${JSON.stringify(checkModule)};`;
  return `${helpers} ${result}`;
}
