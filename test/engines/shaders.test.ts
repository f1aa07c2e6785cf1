/** WGSL in front ends other than Dawn's: Deno brings naga, which Firefox has, too. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import selectBranch from "../../shaders/selectBranch.wgsl";
import { engines, installEngines } from "../../tools/engines/index.mjs";
import { kernels } from "../../src/backends/webgpu/kernels/index.ts";
import { scalarOps, type ScalarOp } from "../../src/ir/expression.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { presets, trainConfig, type PresetName } from "../../src/training/index.ts";
import { opShader } from "../backends/webgpu/formula-shader.ts";
import { generators } from "../primitives/generators.ts";
import { operandsOf } from "../primitives/generators/case.ts";
import { primitives } from "../primitives/laws/primitives.ts";
import { evaluate } from "../primitives/laws/subject.ts";
import { bundleScript } from "../support/bundle.ts";
import { trainStepOf } from "../support/model-plans.ts";
import { shaderCollector, type Shaders } from "../support/shader-texts.ts";
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

/** What Deno says of them; the last line is how many it took. */
function compile(shaders: Shaders): string {
  const file = join(folder, "shaders.json");
  writeFileSync(file, JSON.stringify([...shaders].map(([text, name]) => [name, text])));
  const options = ["run", "-A", "--unstable-webgpu", script, file];
  return execFileSync(deno?.path ?? "", options, {
    encoding: "utf8",
    stdio: "pipe",
    env: { ...process.env, ...driverVariables(process.env, existsSync) },
  }).trim();
}

const all = ({ size }: Shaders): string => `compiled ${size} of ${size}`;

/** The programs of all laws. */
function addLaws(shaders: Shaders): void {
  setBackend(shaderCollector(shaders));
  for (const primitive of primitives) {
    const { cases = [] } = generators[primitive.name] ?? {};
    for (const each of cases) {
      const [operands] = fc.sample(operandsOf(each), { numRuns: 1, seed: 5 });
      evaluate({ primitive, params: each.params, tolerance: 0 }, operands);
    }
  }
}

await describeWithDevice("Deno's naga", () => {
  test("compiles the shaders of all scalar operations", () => {
    const ops = Object.keys(scalarOps) as ScalarOp[];
    const shaders: Shaders = new Map(ops.map((op) => [opShader(op), op]));
    expect(compile(shaders)).toBe(all(shaders));
  });

  test("compiles every kernel, as laws and training steps call it", { timeout: 300_000 }, () => {
    const shaders: Shaders = new Map([[selectBranch, "selectBranch"]]);
    addLaws(shaders);
    for (const preset of Object.keys(presets) as PresetName[]) {
      trainStepOf(trainConfig({ preset }), shaderCollector(shaders));
    }
    expect(compile(shaders)).toBe(all(shaders));
    // Elementwise clusters have their text for a name.
    const called = new Set([...shaders.values()].filter((name) => kernels.has(name)));
    expect([...called].sort()).toEqual([...kernels.keys()].sort());
  });

  test("refuses a shader that is wrong", () => {
    const wrong: Shaders = new Map([["fn f() -> f32 { return 1u; }", "wrong"]]);
    expect(compile(wrong)).toMatch(/^wrong: [^]*compiled 0 of 1$/);
  });
});
