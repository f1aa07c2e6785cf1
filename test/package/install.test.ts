/* The packed package, installed in an empty folder: every public module loads. */
import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { modules } from "../../tools/entries.mjs";
import { consumerFolder, packedInstall } from "../support/packed-install.ts";

let folder: string;

beforeAll(() => {
  folder = consumerFolder({
    "import.mjs": "console.log(Object.keys(await import(process.argv[2])).join());",
  });
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const node = (...args: string[]): string =>
  execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).trim();

test("the same contents are installed once", () => {
  expect(packedInstall()).toBe(join(folder, ".."));
  expect(existsSync(join(packedInstall(), "reformax.tgz"))).toBe(true);
});

test.each(Object.entries(modules))("%s exports what its source does", async (name, source) => {
  const exported = (await import(pathToFileURL(source).href)) as object;
  expect(node("import.mjs", name)).toBe(Object.keys(exported).sort().join());
});
