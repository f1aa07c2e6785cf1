import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { brokenLink, localLink, readPage } from "./links.ts";
import { markdownPages } from "./pages.ts";

describe("reading a page", () => {
  const page = readPage(
    [
      "# What `f(x)` *is*, and why",
      "## Same",
      "## Same",
      "See [a](b.md#c), ![d](e.svg) and `src/f.ts`.",
      "| x |",
      "| - |",
      "| [g](h.md) |",
      "",
      '<a id="named"></a> <img src="i.png">',
      "",
      "    [not](a-link.md)",
    ].join("\n"),
  );

  test("finds links, images and code wherever they stand", () => {
    expect(page.targets).toEqual(["b.md#c", "e.svg", "h.md", "i.png"]);
    expect(page.codeSpans).toEqual(["f(x)", "src/f.ts"]);
  });

  test("names anchors as GitHub does", () => {
    expect([...page.anchors]).toEqual(["what-fx-is-and-why", "same", "same-1", "named"]);
  });
});

describe("following a link", () => {
  test("starts at its page and stays in the project", () => {
    expect(localLink("docs/a.md", "../b.md#c")).toEqual({ path: "b.md", anchor: "c" });
    expect(localLink("docs/a.md", "#c")).toEqual({ path: "docs/a.md", anchor: "c" });
    expect(localLink("docs/a.md", "https://example.org/a.md")).toBeUndefined();
    expect(brokenLink("a.md", "../b.md")).toContain("leads out");
  });

  test("finds what is missing", () => {
    expect(brokenLink("README.md", "nowhere.md")).toContain("does not exist");
    expect(brokenLink("README.md", "CONTRIBUTING.md#nowhere")).toContain("no heading #nowhere");
    expect(brokenLink("README.md", "CONTRIBUTING.md#floor-plan")).toBeUndefined();
  });
});

describe.each(markdownPages())("%s", (path) => {
  const page = readPage(readFileSync(path, "utf8"));

  test("links to what exists", () => {
    expect(page.targets.flatMap((target) => brokenLink(path, target) ?? [])).toEqual([]);
  });

  test("names files that exist", () => {
    const named = page.codeSpans.filter((code) =>
      /^(assembly|bench(?!\/results)|demo|docs|examples|models|src|test|tools)\/[\w./-]+$/.test(
        code,
      ),
    );
    expect(named.filter((file) => !existsSync(file))).toEqual([]);
  });
});

test("the front page and the pages around it are among them", () => {
  expect(markdownPages()).toEqual(
    expect.arrayContaining(["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/design/plan.md"]),
  );
});
