/*
 * The published declarations compile in a user's program: strict, with the declarations themselves checked, without lib
 * "dom" and without Node's types, under every TypeScript and every module resolution that is in use.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compilers, installCompilers, type Compiler } from "../../tools/compilers/index.mjs";
import { modules } from "../../tools/entries.mjs";
import { consumerFolder } from "../support/packed-install.ts";

const read = (name: string): string => readFileSync(`test/package/consumer/${name}`, "utf8");
const program = read("program.ts");

/** Every public module as a whole: what no program names must compile, too. */
const everything = Object.keys(modules)
  .map((name, i) => `export * as module${i} from "${name}";`)
  .join("\n");

const options = {
  noEmit: true,
  strict: true,
  skipLibCheck: false,
  target: "es2022",
  lib: ["es2022"],
  types: [],
};

/** The module system that goes with each resolution. */
const resolutions = { bundler: "es2022", node16: "node16", nodenext: "nodenext" };

let folder: string;

beforeAll(() => {
  installCompilers();
  folder = consumerFolder({
    "program.ts": program,
    "page.ts": read("page.ts"),
    "everything.ts": everything,
  });
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function compile(
  { tsc, version }: Compiler,
  moduleResolution: keyof typeof resolutions,
  sources = ["program.ts", "everything.ts"],
  lib = options.lib,
) {
  const project = join(folder, `${version}-${moduleResolution}-${sources[0]}`);
  mkdirSync(project, { recursive: true });
  const module = resolutions[moduleResolution];
  const compilerOptions = { ...options, lib, module, moduleResolution };
  const files = sources.map((name) => `../${name}`);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  return spawnSync(process.execPath, [tsc, "-p", project], { encoding: "utf8" });
}

describe.each(compilers())("$name", (compiler) => {
  test.each(Object.keys(resolutions) as (keyof typeof resolutions)[])(
    "resolves and checks everything: %s",
    (resolution) => {
      const { stdout, status } = compile(compiler, resolution);
      expect(stdout).toBe("");
      expect(status).toBe(0);
    },
  );
});

test.each(compilers())("a page passes its own objects: $name", (compiler) => {
  const { stdout } = compile(compiler, "bundler", ["page.ts"], ["es2022", "dom"]);
  expect(stdout).toBe("");
});

test("the compilers are the four that are in use", () => {
  const versions = compilers().map(({ version }) => version.split(".").slice(0, 2).join("."));
  expect(versions).toEqual(["5.4", "5.9", "6.0", "7.0"]);
});

test("a program with a mistake does not compile", () => {
  const [oldest] = compilers();
  writeFileSync(join(folder, "wrong.ts"), `${program}\nexport const wrong: string = numbers;\n`);
  expect(compile(oldest, "node16", ["wrong.ts"]).stdout).toContain(
    "Type 'number' is not assignable",
  );
});
