import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundleName, declarationName, modules } from "../../tools/entries.mjs";

test("package.json exports every public module, with its types", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const expected = Object.keys(modules).map((name) => [
    name.replace("reformax", "."),
    {
      types: `./dist/types/${declarationName(name)}`,
      default: `./dist/${bundleName(name)}.js`,
    },
  ]);
  expect(exports).toEqual({ ...Object.fromEntries(expected), "./package.json": "./package.json" });
});
