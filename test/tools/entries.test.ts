import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundleName, modules } from "../../tools/entries.mjs";

test("package.json exports every public module, with its types", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const expected = Object.entries(modules).map(([name, source]) => [
    name.replace("reformax", "."),
    {
      types: `./${source.replace("src/", "dist/types/").replace(/\.ts$/, ".d.ts")}`,
      default: `./dist/${bundleName(name)}.js`,
    },
  ]);
  expect(exports).toEqual({ ...Object.fromEntries(expected), "./package.json": "./package.json" });
});
