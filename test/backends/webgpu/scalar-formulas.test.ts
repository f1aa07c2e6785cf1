import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { wgslPrelude } from "../../../src/backends/webgpu/wgsl/prelude.ts";
import { numberLanes, type Lanes } from "../../../src/core/scalar-math/index.ts";
import {
  applyOp,
  constantExpression,
  inputExpression,
  scalarOps,
  type Expression,
  type ScalarOp,
  type ScalarType,
} from "../../../src/ir/expression.ts";
import { scalarFormulas } from "../../../src/ir/scalar/formulas.ts";
import { recordExpressions } from "../../../src/ir/scalar/record-expressions.ts";
import { createRecorder } from "../../../src/ir/scalar/record.ts";
import { evaluateLanes } from "../../support/evaluate-lanes.ts";
import { flushingLanes } from "../../support/flushing-lanes.ts";
import { randomExpression } from "../../support/random-expressions.ts";
import { computeWords } from "../../support/webgpu-compute.ts";
import { describeWithDevice, openDevice } from "../../support/webgpu-device.ts";
import { formulaShader, opShader, workgroup } from "./formula-shader.ts";
import { describeCase, differences, formulaWords, type NumberFormula } from "./formula-words.ts";
import { operandWords } from "./operand-words.ts";

/** `REFORMAX_WGSL_WORDS=1048576` takes a minute instead of seconds. */
const count = Number(process.env.REFORMAX_WGSL_WORDS ?? 2 ** 15);

/**
 * Expects the words of these lanes, or those of lanes that flush: WGSL lets a machine take denormal numbers for zeros.
 * A machine does the one or the other.
 */
function expectWords(
  formulaOn: (lanes: Lanes<number, number, boolean>) => NumberFormula,
  types: readonly ScalarType[],
  type: ScalarType,
  inputs: readonly Uint32Array[],
  got: Uint32Array,
): void {
  const wanted = formulaWords(formulaOn(numberLanes), types, type, inputs);
  if (differences(got, wanted, type).length === 0) return;
  const flushed = formulaWords(formulaOn(flushingLanes), types, type, inputs);
  const left = differences(got, flushed, type);
  expect(left.slice(0, 5).map((i) => describeCase(i, inputs, got, flushed))).toEqual([]);
}

await describeWithDevice("scalar formulas printed in WGSL", () => {
  let device: GPUDevice;
  const compute = (code: string, inputs: readonly Uint32Array[]): Promise<Uint32Array> =>
    computeWords(device, code, inputs, inputs[0].length, workgroup);

  beforeAll(async () => {
    device = await openDevice();
  });
  afterAll(() => device.destroy());

  for (const op of Object.keys(scalarOps) as ScalarOp[]) {
    it(`${op} has the bits of JavaScript`, async () => {
      const types: readonly ScalarType[] = scalarOps[op].slice(0, -1);
      const type = scalarOps[op][types.length];
      const inputs = operandWords(types, count, 41);
      const got = await compute(opShader(op), inputs);
      expectWords((lanes) => scalarFormulas(lanes)[op], types, type, inputs, got);
    });
  }

  it("expressions of several operations have the bits of the operations one by one", async () => {
    const types = ["f32", "f32", "i32", "u32", "bool"] as const;
    const inputs = operandWords(types, 2 ** 12, 43);
    await fc.assert(
      fc.asyncProperty(randomExpression("f32", types, 3), async (expression) => {
        const [result] = recordExpressions([expression]);
        const got = await compute(formulaShader(result, types), inputs);
        expectWords((lanes) => evaluateLanes(lanes, result), types, "f32", inputs, got);
      }),
      { numRuns: 20 },
    );
  });

  it("constants do not change what an operation is", async () => {
    const x = inputExpression(0, "f32");
    const [zero, divisor] = [0, -1.5].map((value) => constantExpression(value, "f32"));
    const expressions: readonly Expression[] = [
      // -0 + 0 is 0.
      applyOp("addF32", x, zero),
      applyOp("mulF32", x, zero),
      // 1 / divisor is no f32.
      applyOp("divF32", x, divisor),
    ];
    const inputs = operandWords(["f32"], count, 59);
    for (const result of recordExpressions(expressions)) {
      const got = await compute(formulaShader(result, ["f32"]), inputs);
      expectWords((lanes) => evaluateLanes(lanes, result), ["f32"], "f32", inputs, got);
    }
  });

  it("the guard is needed: without it compilers cancel what rounding lost", async () => {
    const { lanes, input } = createRecorder();
    const { add, sub, f32 } = lanes;
    const x = input("F", 0);
    const lost = sub(x, sub(add(x, f32(1)), f32(1)));
    const inputs = [
      Uint32Array.from(operandWords(["f32"], count, 47)[0], (word) => 0x3e800000 + (word >>> 8)),
    ];
    const bare = wgslPrelude.replace("return bitcast<f32>(bitcast<u32>(x) ^ zero());", "return x;");
    const wanted = formulaWords(
      (value) => evaluateLanes(numberLanes, lost)(value),
      ["f32"],
      "f32",
      inputs,
    );
    const guarded = await compute(formulaShader(lost, ["f32"]), inputs);
    expect(differences(guarded, wanted, "f32")).toEqual([]);
    const unguarded = await compute(formulaShader(lost, ["f32"], bare), inputs);
    expect(differences(unguarded, wanted, "f32").length).toBeGreaterThan(count / 8);
  });
});
