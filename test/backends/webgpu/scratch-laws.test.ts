import { Tensor } from "../../../src/core/tensor.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createWebGpuBackend } from "../../../src/backends/webgpu/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import { init, toHost } from "../../../src/index.ts";
import { generators } from "../../primitives/generators.ts";
import { operandsOf } from "../../primitives/generators/case.ts";
import { primitives } from "../../primitives/laws/describe-law.ts";
import { agree } from "../../primitives/laws/comparison.ts";
import { evaluate } from "../../primitives/laws/subject.ts";

test("laws", async () => {
  const reference = await init("reference");
  const gpu = await createWebGpuBackend({});
  const only = process.env.ONLY?.split(",");
  let count = 0;
  const failures: string[] = [];
  for (const primitive of primitives) {
    if (only && !only.includes(primitive.name)) continue;
    const { cases, tolerance = 0 } = generators[primitive.name];
    for (const [index, each] of cases.entries()) {
      const operands = fc.sample(operandsOf(each), { numRuns: 1, seed: 5 })[0].map(flushed);
      const subject = { primitive, params: each.params, tolerance: Math.max(tolerance, 1e-5) };
      setBackend(reference);
      const expected = evaluate(subject, operands);
      setBackend(gpu);
      count++;
      try {
        const got = await toHost(evaluate(subject, operands));
        got.forEach((result, i) => agree(flushed(result), flushed(expected[i]), subject.tolerance, `result ${i}`));
      } catch (error) {
        failures.push(`${primitive.name} ${index} ${JSON.stringify(each.params)}: ${String(error).slice(0, 400)}`);
        if (failures.length > 40) break;
      }
    }
  }
  console.log(count, "cases", failures.length, "failures\n" + failures.join("\n"));
  expect(failures.length).toBe(0);
}, 600000);

const flushed = (t: Tensor): Tensor => t.dtype !== "f32" ? t : new Tensor(t.aval, t.words().map((x) => (Math.abs(x) < 1.1754943508222875e-38 ? 0 : x)));
