import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import GithubSlugger from "github-slugger";
import { marked, type Token } from "marked";

/** Links and images of a page, the anchors it offers, and the code that it writes within lines. */
export interface Page {
  readonly targets: readonly string[];
  readonly anchors: ReadonlySet<string>;
  readonly codeSpans: readonly string[];
}

/** The words of a heading without its markup, which is what anchors are made of. */
const plainText = (tokens: readonly Token[]): string =>
  tokens
    .map((token) => ("tokens" in token && token.tokens ? plainText(token.tokens) : textOf(token)))
    .join("");

const textOf = (token: Token): string => ("text" in token ? String(token.text) : "");

/** Reads a page as GitHub shows it: headings have anchors, repeated ones are numbered. */
export function readPage(source: string): Page {
  const targets: string[] = [];
  const codeSpans: string[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  void marked.walkTokens(marked.lexer(source), (token) => {
    if (token.type === "link" || token.type === "image") targets.push(String(token.href));
    if (token.type === "codespan") codeSpans.push(String(token.text));
    if (token.type === "heading") anchors.add(slugger.slug(plainText(token.tokens ?? [])));
    if (token.type !== "html") return;
    const tags = String(token.text);
    for (const [, target] of tags.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g))
      targets.push(target);
    for (const [, anchor] of tags.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(anchor);
  });
  return { targets, anchors, codeSpans };
}

/** A link into the project: the path from its root and the anchor there. */
export interface LocalLink {
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Where a link of the page at `from` leads; undefined where that is another host. */
export function localLink(from: string, target: string): LocalLink | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [path, anchor] = target.split("#");
  return {
    path: path === "" ? from : normalize(join(dirname(from), decodeURI(path))),
    anchor,
  };
}

/** What is wrong with a link of the page at `from`, or undefined; `root` is the folder that holds the project. */
export function brokenLink(from: string, target: string, root = "."): string | undefined {
  const link = localLink(from, target);
  if (link === undefined) return undefined;
  const { path, anchor } = link;
  if (path.startsWith("..")) return `${from}: ${target} leads out of the project`;
  const file = join(root, path);
  if (!existsSync(file)) return `${from}: ${target} does not exist`;
  if (anchor === undefined) return undefined;
  const { anchors } = readPage(statSync(file).isFile() ? readFileSync(file, "utf8") : "");
  return anchors.has(anchor) ? undefined : `${from}: ${path} has no heading #${anchor}`;
}
