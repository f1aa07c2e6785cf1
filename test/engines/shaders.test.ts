/** WGSL in front ends other than Dawn's: Deno brings naga, which Firefox has, too. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { engines, installEngines } from "../../tools/engines/index.mjs";
import { scalarOps } from "../../src/ir/expression.ts";
import { bundleScript } from "../support/bundle.ts";
import { describeWithDevice } from "../support/webgpu-device.ts";
import { driverVariables } from "../support/webgpu-driver.ts";

const folder = mkdtempSync(join(tmpdir(), "reformax-shaders-"));
const script = join(folder, "compile-shaders.mjs");
const deno = engines().find(({ name }) => name.startsWith("deno"));

beforeAll(async () => {
  installEngines();
  await bundleScript("test/engines/compile-shaders.ts", script);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

await describeWithDevice("Deno's naga", () => {
  test("compiles the shaders of all scalar operations", () => {
    const said = execFileSync(deno?.path ?? "", ["run", "-A", "--unstable-webgpu", script], {
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, ...driverVariables(process.env, existsSync) },
    });
    const count = Object.keys(scalarOps).length;
    expect(said.trim()).toBe(`compiled ${count} of ${count}`);
  });
});
