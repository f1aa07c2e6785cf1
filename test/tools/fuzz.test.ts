import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const fuzz = (...args: readonly string[]) =>
  spawnSync(process.execPath, ["tools/fuzz.mjs", ...args], { encoding: "utf8" });

test("npm run fuzz reads mutants of a named reader, and names the readers", () => {
  const { status, stdout, stderr } = fuzz("--count", "20", "--seed", "7", "HuggingFace's index");
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^HuggingFace's index: seed 7, 20 mutants in .* s, \d+ refused, slowest/);
  const unknown = fuzz("nothing");
  expect([unknown.status, unknown.stdout]).toEqual([2, ""]);
  expect(unknown.stderr).toMatch(/^targets: "safetensors" .*"HuggingFace's shards"/);
});
