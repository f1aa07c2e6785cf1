/*
 * The packed package, installed in an empty folder, on the engines that it is for: the oldest Nodes of `engines` in
 * package.json, the one that runs the tests, a newer one, bun, and Deno.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, installEngines, oldestNodes } from "../../tools/engines/index.mjs";
import { modules } from "../../tools/entries.mjs";
import { consumerFolder, packedInstall } from "../support/packed-install.ts";

const names = Object.keys(modules);

const programs = {
  "import.mjs": `
    const exported = await Promise.all(process.argv.slice(2).map((name) => import(name)));
    console.log(JSON.stringify(exported.map((module) => Object.keys(module).sort())));`,
  "require.cjs": `
    const exported = process.argv.slice(2).map((name) => require(name));
    console.log(JSON.stringify(exported.map((module) => Object.keys(module).sort())));`,
  "compute.mjs": `
    import { grad, init } from "reformax";
    import { array, sin } from "reformax/numpy";
    import { probeThreads } from "reformax/backends/wasm";
    await init("wasm", { threads: 2 });
    console.log(grad((x) => sin(x))(array(0)).item(), (await probeThreads({ threads: 2 })).count);`,
  "webgpu.mjs": `
    import { init } from "reformax";
    const { name, fallback } = await init("auto");
    const refused = await init("webgpu").catch(({ message }) => message);
    console.log(JSON.stringify({ name, fallback, refused }));`,
};

let folder: string;
let expected: readonly string[][];

beforeAll(async () => {
  installEngines();
  folder = consumerFolder(programs);
  const sources = Object.values(modules).map((source) => import(pathToFileURL(source).href));
  expected = (await Promise.all(sources)).map((module) => Object.keys(module as object).sort());
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the same contents are installed once", () => {
  expect(packedInstall()).toBe(join(folder, ".."));
  expect(existsSync(join(packedInstall(), "reformax.tgz"))).toBe(true);
});

describe.each([...oldestNodes(), ...engines()])("on $name", ({ name, path, args }) => {
  // Deno lets no program look for modules by itself, but what it imports in so many words is there.
  const looking = name.startsWith("deno") ? ["--allow-read"] : [];
  const run = (options: readonly string[], program: keyof typeof programs, ...rest: string[]) =>
    execFileSync(path, [...args, ...options, program, ...rest], {
      cwd: folder,
      encoding: "utf8",
      // Some Nodes call `require` of ES modules an experiment, on standard error.
      stdio: "pipe",
    }).trim();

  test.each(["import.mjs", "require.cjs"] as const)("%s gets what the sources export", (form) => {
    const exported = JSON.parse(run(looking, form, ...names)) as string[][];
    const byName = (lists: readonly string[][]) => names.map((name, i) => [name, lists[i]]);
    expect(byName(exported)).toEqual(byName(expected));
  });

  test("it computes, and has threads", () => {
    expect(run([], "compute.mjs")).toBe("1 2");
  });
});

test("the oldest Nodes are those that package.json names", () => {
  const { engines: named } = JSON.parse(readFileSync("package.json", "utf8")) as {
    engines: { node: string };
  };
  const versions = oldestNodes().map(({ name }) => name.replace("node ", ""));
  if (versions.length === 0) console.warn("skipped: the oldest Nodes are for Linux on x64");
  else expect(named.node).toBe(`^${versions[0]} || >=${versions[1]}`);
});

test("Node says which package brings WebGPU, and computes without it", () => {
  const options = { cwd: folder, encoding: "utf8" } as const;
  const said: unknown = JSON.parse(execFileSync(process.execPath, ["webgpu.mjs"], options));
  const missing: unknown = expect.stringContaining("npm install webgpu@0.6.2");
  expect(said).toEqual({ name: "wasm", fallback: missing, refused: missing });
});

test("npx runs the program", () => {
  const options = { cwd: folder, encoding: "utf8", shell: process.platform === "win32" } as const;
  const help = execFileSync("npx", ["--no-install", "reformax", "--help"], options);
  expect(help).toContain("Usage: reformax");
});

test("the program writes the same text on every engine that lets it read its model", () => {
  const program = join(folder, "../node_modules/reformax/bin/reformax.mjs");
  const write = ["generate", "--prompt", "Raskolnikov ", "--tokens", "24", "--seed", "3"];
  const texts = [...oldestNodes(), ...engines()]
    .filter(({ name }) => !name.startsWith("deno"))
    .map(({ path, args }) =>
      execFileSync(path, [...args, program, ...write], { encoding: "utf8" }),
    );
  expect(texts.length).toBeGreaterThan(2);
  expect(texts).toEqual(texts.map(() => texts[0]));
  expect(texts[0]).toMatch(/^Raskolnikov .{12}/);
});
