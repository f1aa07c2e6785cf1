/* What the tarball holds: all that a user needs, and nothing that only the checkout needs. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleName, modules } from "../../tools/entries.mjs";
import { guests, nodeOnly, packages } from "../../tools/lint/floor-plan.mjs";
import { packedInstall } from "../support/packed-install.ts";
import { foreignImports } from "./foreign-imports.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  dependencies: Record<string, string>;
};

let root: string;
let files: string[];
const read = (path: string): string => readFileSync(join(root, path), "utf8");

beforeAll(() => {
  root = join(packedInstall(), "node_modules/reformax");
  files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(root.length + 1));
}, 300_000);

test("it is small", () => {
  expect(statSync(join(root, "../../reformax.tgz")).size).toBeLessThan(1_000_000);
});

test("it holds the program, the modules, their types and the pages around them", () => {
  const pages = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "THIRD-PARTY-NOTICES"];
  const folders = ["bin", "dist", "docs", "examples", "models"].filter((name) => existsSync(name));
  expect(new Set(files.map((path) => path.split("/")[0]))).toEqual(
    new Set([...pages, ...folders, "package.json"]),
  );
});

test("there are no maps, and no file refers to one", () => {
  expect(files.filter((path) => path.endsWith(".map"))).toEqual([]);
  const text = files.filter((path) => /\.(m?js|ts)$/.test(path));
  expect(text.length).toBeGreaterThan(100);
  expect(text.filter((path) => read(path).includes("sourceMappingURL"))).toEqual([]);
});

test("there are declarations of the modules, and none of the program", () => {
  const declarations = files.filter((path) => path.endsWith(".d.ts"));
  expect(declarations).toContain("dist/types/index.d.ts");
  expect(declarations.filter((path) => path.startsWith("dist/types/cli/"))).toEqual([]);
});

/** The name that `webgpu` is imported by, in Node alone. */
const computed = "";
const isOfOthers = (name: string): boolean => !isBuiltin(name) && name !== computed;

describe("packages of others", () => {
  const outside = ["commander", "cli-progress"];
  const ofPackage = Object.entries(packages).filter(([folder]) => !guests.includes(folder));
  const allowed = [...new Set(ofPackage.flatMap(([, names]) => names))];

  test.each(allowed)("%s is installed beside the package, or bundled with its notice", (name) => {
    if (outside.includes(name)) expect(Object.keys(manifest.dependencies)).toContain(name);
    else expect(read("THIRD-PARTY-NOTICES")).toContain(`\n${name} `);
  });

  test("AssemblyScript's library in the kernels has its notice", () => {
    expect(read("THIRD-PARTY-NOTICES")).toMatch(/\nassemblyscript [\d.]+ \(Apache-2\.0\)/);
    expect(read("THIRD-PARTY-NOTICES")).toContain("Apache License");
  });

  test("only the program imports them", () => {
    const others = foreignImports(root, ["dist/cli.js"]).filter(isOfOthers);
    expect(others.sort()).toEqual(outside.sort());
  });
});

describe("modules that load in a page from a static folder", () => {
  const forPages = Object.entries(modules)
    .filter(([, source]) => !nodeOnly.some((folder) => source.startsWith(`src/${folder}`)))
    .map(([name]) => name);

  test.each(forPages)("%s imports its own files only", (name) => {
    const imports = foreignImports(root, [`dist/${bundleName(name)}.js`]);
    expect(imports.filter((specifier) => specifier !== computed)).toEqual([]);
  });
});
