/** An `@example` of a doc comment. */
export interface Example {
  /** The file it was found in. */
  readonly path: string;
  /** The line of that file on which its code starts. */
  readonly line: number;
  /** What the doc comment describes. */
  readonly subject: string;
  readonly code: string;
}

const fence = /^\s*```/;
const declared =
  /^(?:export |declare |default |abstract |async |readonly |static )*(?:\w+\*? )?([\w$]+)/;

/** The lines of a tag, without code fences; prose around a fence does not run. */
function codeLines(lines: readonly string[]): { readonly skipped: number; readonly code: string } {
  const open = lines.findIndex((line) => fence.test(line));
  if (open === -1) return { skipped: 0, code: lines.join("\n") };
  const length = lines.slice(open + 1).findIndex((line) => fence.test(line));
  const inside = lines.slice(open + 1, length === -1 ? undefined : open + 1 + length);
  return { skipped: open + 1, code: inside.join("\n") };
}

/** Every `@example` in the doc comments of a source file. */
export function extractExamples(path: string, source: string): Example[] {
  const examples: Example[] = [];
  for (const comment of source.matchAll(/^[ \t]*\/\*\*([\s\S]*?)\*\//gm)) {
    const firstLine = source.slice(0, comment.index).split("\n").length;
    const lines = comment[1].split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
    const after = source.slice(comment.index + comment[0].length).trimStart();
    const subject = declared.exec(after)?.[1] ?? "?";

    lines.forEach((text, at) => {
      if (!text.startsWith("@example")) return;
      const length = lines.slice(at + 1).findIndex((line) => /^@\w/.test(line));
      const body = lines.slice(at + 1, length === -1 ? undefined : at + 1 + length);
      const { skipped, code } = codeLines(body);
      examples.push({ path, line: firstLine + at + 1 + skipped, subject, code: code.trimEnd() });
    });
  }
  return examples;
}

const block = /^```ts\n([\s\S]*?)^```$/gm;

/**
 * The ```ts blocks of a Markdown page as one program: what a block declares the later ones know. Every other line is empty,
 * so that lines keep their numbers. Undefined where a page has no such block.
 */
export function extractPage(path: string, source: string): Example | undefined {
  const lines = source.split("\n").map(() => "");
  for (const { index, 1: code } of source.matchAll(block)) {
    const first = source.slice(0, index).split("\n").length;
    const inside = code.trimEnd().split("\n");
    lines.splice(first, inside.length, ...inside);
  }
  const code = lines.join("\n").trimEnd();
  return code === "" ? undefined : { path, line: 1, subject: "page", code };
}
