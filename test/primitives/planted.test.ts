/** The law test tested: records with one wrong rule each must be caught by the law that speaks about it. */
import { beforeAll, describe, expect, it } from "vitest";
import { applyOp, constantExpression, inputExpression } from "../../src/ir/expression.ts";
import * as ops from "../../src/ir/ops.ts";
import { definePrimitive, type Primitive } from "../../src/ir/primitive.ts";
import { primitiveNamed } from "../../src/ir/registry.ts";
import { bindOne } from "../../src/ir/interpreter.ts";
import "../../src/transforms/index.ts";
import { generators } from "./generators.ts";
import { startBackends, type OnBackend } from "./laws/backends.ts";
import { lawNames, runLaw, type LawName } from "./laws/run.ts";

let on: OnBackend;
beforeAll(async () => {
  on = await startBackends();
});

/** A copy of sin under another name, and its rules in terms of the copy. */
function sine(name: string, change: Partial<Primitive>): Primitive {
  const copy: Primitive = definePrimitive({
    ...primitiveNamed("sin"),
    name,
    jvp: ([x], [tangent]) => ({
      primals: [bindOne(copy, [x], {})],
      tangents: [tangent && ops.mul(tangent, ops.cos(x))],
    }),
    batch: ([x], axes) => ({ values: [bindOne(copy, [x], {})], axes }),
    decompose: ([x]) => [ops.sin(x)],
    ...change,
  });
  return copy;
}

/** A copy of neg, which is linear. */
function negative(name: string, change: Partial<Primitive>): Primitive {
  const copy: Primitive = definePrimitive({
    ...primitiveNamed("neg"),
    name,
    jvp: ([x], [tangent]) => ({
      primals: [bindOne(copy, [x], {})],
      tangents: [tangent && bindOne(copy, [tangent], {})],
    }),
    batch: ([x], axes) => ({ values: [bindOne(copy, [x], {})], axes }),
    ...change,
  });
  return copy;
}

const run = (law: LawName, like: string, primitive: Primitive): (() => number) => {
  const generator = generators[like];
  if (!generator) throw new Error(`there is no generator ${like}`);
  return () => runLaw(on, law, primitive, generator);
};

describe("a right copy passes", () => {
  it.each(lawNames)("the law '%s'", (law) => {
    expect(run(law, "sin", sine("copyOfSin", {}))()).toBeGreaterThan(0);
  });
});

describe("a wrong rule is caught:", () => {
  it("a derivative off by 1 %", () => {
    const wrong: Primitive = sine("wrongSlope", {
      jvp: ([x], [tangent]) => ({
        primals: [bindOne(wrong, [x], {})],
        tangents: [tangent && ops.scale(ops.mul(tangent, ops.cos(x)), 1.01)],
      }),
    });
    expect(run("jvp", "sin", wrong)).toThrow("wrongSlope case");
  });

  it("a derivative that stops further derivatives", () => {
    const wrong: Primitive = sine("stopsSecond", {
      jvp: ([x], [tangent]) => ({
        primals: [bindOne(wrong, [x], {})],
        tangents: [tangent && ops.mul(tangent, ops.stopGradient(ops.cos(x)))],
      }),
    });
    expect(run("jvp", "sin", wrong)).not.toThrow();
    expect(run("second derivative", "sin", wrong)).toThrow("stopsSecond case");
  });

  it("a transpose with the wrong sign", () => {
    const wrong = negative("wrongTranspose", { transpose: ([cotangent]) => [cotangent] });
    expect(run("adjoint", "neg", negative("copyOfNeg", {}))).not.toThrow();
    expect(run("adjoint", "neg", wrong)).toThrow("wrongTranspose case");
  });

  it("a batching rule that loses where the axis is", () => {
    const wrong: Primitive = sine("wrongBatch", {
      batch: ([x]) => ({ values: [bindOne(wrong, [x], {})], axes: [0] }),
    });
    expect(run("batch", "sin", wrong)).toThrow("wrongBatch case");
  });

  it("an abstract evaluation that promises bools where other words come", () => {
    const wrong = sine("wrongTypes", {
      reference: (_inputs, [out]) => out.words.fill(2),
      abstractEval: ([x]) => [{ ...x, dtype: "bool" }],
    });
    expect(run("types", "sin", wrong)).toThrow("wrongTypes case");
  });

  it("a decomposition into something else", () => {
    const wrong = sine("wrongDecomposition", { decompose: ([x]) => [ops.tanh(x)] });
    expect(run("decomposition", "sin", wrong)).toThrow("wrongDecomposition case");
  });

  it("an expression that differs from the reference in the last bit", () => {
    const element = applyOp("sinF32", inputExpression(0, "f32"));
    const oneUlp = applyOp("mulF32", element, constantExpression(1 + 2 ** -23, "f32"));
    const wrong = sine("wrongLowering", {
      lower: { kind: "elementwise", expression: () => oneUlp },
    });
    expect(run("backends", "sin", wrong)).toThrow("wrongLowering case");
  });

  it("a meaning that changes from call to call", () => {
    let calls = 0;
    const wrong = sine("wrongMemory", { reference: (_inputs, [out]) => out.words.fill(calls++) });
    expect(run("jit", "sin", wrong)).toThrow("wrongMemory case");
  });
});
