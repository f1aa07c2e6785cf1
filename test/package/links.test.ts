/* The pages of the packed package lead only to what the package holds: npm shows no others. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { brokenLink, readPage } from "../docs/links.ts";
import { markdownPages } from "../docs/pages.ts";
import { packedInstall } from "../support/packed-install.ts";

let root: string;

beforeAll(() => {
  root = join(packedInstall(), "node_modules/reformax");
}, 300_000);

test("the front page, the tour and the changes are in it", () => {
  expect(markdownPages(root)).toEqual(
    expect.arrayContaining(["CHANGELOG.md", "README.md", "docs/README.md", "docs/tour.md"]),
  );
});

test("every link of its pages leads to a file of the package", () => {
  const broken = markdownPages(root).flatMap((path) =>
    readPage(readFileSync(join(root, path), "utf8")).targets.flatMap(
      (target) => brokenLink(path, target, root) ?? [],
    ),
  );
  expect(broken).toEqual([]);
});
