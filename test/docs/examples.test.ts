import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { init, type Backend } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { testWithDevice } from "../support/webgpu-device.ts";
import { chooseDriver } from "../support/webgpu-driver.ts";
import { extractExamples, extractPage } from "./extract.ts";
import { markdownPages } from "./pages.ts";
import { runExample } from "./run-example.ts";

/** Finding fewer examples than this means that the test looked in the wrong place. */
const fewestExamples = 240;

mkdirSync("build", { recursive: true });
const folder = resolve(mkdtempSync("build/doc-examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let backend: Backend;

beforeAll(async () => {
  // Examples of WebGPU compute on the driver that tests have, if there is one.
  chooseDriver();
  backend = await init();
});

/** An example may choose another one. */
beforeEach(() => setBackend(backend));

const inSources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .sort()
  .flatMap((name) => {
    const path = join("src", name);
    return extractExamples(path, readFileSync(path, "utf8"));
  });

const examples = [
  ...inSources,
  ...markdownPages().flatMap((path) => extractPage(path, readFileSync(path, "utf8")) ?? []),
].map((example, index) => ({ ...example, file: `example-${index}` }));

test("there are examples", () => {
  expect(examples.length).toBeGreaterThanOrEqual(fewestExamples);
});

/** A page may train a model, on a machine that does much else. */
const timeout = 300_000;

/** Programs that ask for WebGPU and for nothing else: `auto` goes on without an adapter. */
const needsAdapter = (code: string): boolean =>
  /\binit\("webgpu"|\b(createWebGpuBackend|describeAdapter)\(/.test(
    code.replaceAll(/^\s*\/\/.*$/gm, ""),
  );

for (const { path, line, subject, code, file } of examples) {
  const title = `${path}:${line} ${subject}`;
  const run = () => runExample(code, folder, file);
  if (needsAdapter(code)) await testWithDevice(title, { timeout }, run);
  else test(title, { timeout }, run);
}

test("some examples need an adapter", () => {
  expect(examples.filter(({ code }) => needsAdapter(code)).length).toBeGreaterThanOrEqual(2);
});

test("examples have the right types", () => {
  for (const { code, file } of examples) {
    writeFileSync(join(folder, `${file}.ts`), `${code}\nexport {};\n`);
  }
  const config = {
    extends: resolve("tsconfig.json"),
    compilerOptions: { noUnusedLocals: false, erasableSyntaxOnly: false },
    files: examples.map(({ file }) => `${file}.ts`),
    include: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = "node_modules/typescript/bin/tsc";
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  const errors = stdout.split("\n").flatMap((line) => {
    const [, index, at, message] = /example-(\d+)\.ts\((\d+),\d+\): (.*)/.exec(line) ?? [];
    if (index === undefined) return [];
    const { path, line: start } = examples[Number(index)];
    return [`${path}:${start + Number(at) - 1}: ${message}`];
  });
  expect(errors).toEqual([]);
});
