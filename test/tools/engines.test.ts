import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { engines, installEngines, runOn } from "../../tools/engines/index.mjs";

const folder = mkdtempSync(join(tmpdir(), "reformax-engines-"));
const script = join(folder, "version.mjs");

beforeAll(() => {
  installEngines();
  const names = [
    "globalThis.Bun && `bun ${Bun.version}`",
    "globalThis.Deno && `deno ${Deno.version.deno}`",
    "`node ${process.versions.node}`",
  ];
  writeFileSync(script, `console.log(${names.join(" || ")});`);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

test.each(engines())("$name runs a module", (engine) => {
  expect(runOn(engine, script)).toBe(`${engine.name}\n`);
});

test("there is a newer Node, an engine that is not V8, and a strict host", () => {
  expect(engines().map(({ name }) => name.split(".")[0])).toEqual([
    `node ${process.versions.node.split(".")[0]}`,
    "node 24",
    "bun 1",
    "deno 2",
  ]);
});
