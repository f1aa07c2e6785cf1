import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isSupportedNode, supportedNode } from "../../src/cli/node-version.ts";

test("the versions of Node are those of package.json", () => {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly engines: { readonly node: string };
  };
  expect(engines.node).toBe("^20.19.0 || >=22.12.0");
  expect(supportedNode).toBe("20.19, 22.12 or later");
});

test.each([
  ["20.18.1", false],
  ["20.19.0", true],
  ["20.20.2", true],
  ["21.7.3", false],
  ["22.11.0", false],
  ["22.12.0", true],
  ["24.0.0", true],
  ["100.1.2", true],
  ["18.20.0", false],
])("%s is supported: %s", (version, expected) => {
  expect(isSupportedNode(version)).toBe(expected);
});
