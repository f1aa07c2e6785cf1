/** The law test tested: records with one wrong rule each must be caught by the law that speaks about it. */
import { beforeAll, describe, expect, it } from "vitest";
import { applyOp, constantExpression, inputExpression } from "../../src/ir/expression.ts";
import * as ops from "../../src/ir/ops.ts";
import {
  definePrimitive,
  type DerivativeByRule,
  type FusedVjp,
  type Params,
  type Primitive,
} from "../../src/ir/primitive.ts";
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

type RuledPrimitive = Extract<Primitive, DerivativeByRule<Params>>;

/** The record of an operation whose derivative is a rule. */
function ruledPrimitive(name: string): RuledPrimitive {
  const primitive = primitiveNamed(name);
  if (primitive.jvp === "byDecomposition") throw new Error(`${name} has no rule`);
  return primitive;
}

/** A copy of sin under another name, and its rules in terms of the copy. */
function sine(name: string, change: Partial<RuledPrimitive>): Primitive {
  const copy: Primitive = definePrimitive({
    ...ruledPrimitive("sin"),
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
function negative(name: string, change: Partial<RuledPrimitive>): Primitive {
  const copy: Primitive = definePrimitive({
    ...ruledPrimitive("neg"),
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

/** A copy of a fused operation, whose two results have derivatives. */
function crossEntropy(name: string, change: Partial<FusedVjp<Params>>): Primitive {
  const original = primitiveNamed("softmaxCrossEntropy");
  if (typeof original.vjp !== "object") throw new Error("it is not fused");
  return definePrimitive({ ...original, name, vjp: { ...original.vjp, ...change } });
}

const run = (law: LawName, like: string, primitive: Primitive): (() => number) => {
  const generator = generators[like];
  if (!generator) throw new Error(`there is no generator ${like}`);
  return () => runLaw(on, law, primitive, generator);
};

describe("a right copy passes", () => {
  it.each(lawNames)("the law '%s'", (law) => {
    const [like, copy] =
      law === "fused vjp"
        ? ["softmaxCrossEntropy", crossEntropy("copyOfLoss", {})]
        : ["sin", sine("copyOfSin", {})];
    expect(run(law, like, copy)()).toBeGreaterThan(0);
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

  describe("a fused vjp", () => {
    const { vjp } = primitiveNamed("softmaxCrossEntropy");
    if (typeof vjp !== "object") throw new Error("it is not fused");
    const { forward, backward } = vjp;

    it.each<[string, Partial<FusedVjp<Params>>]>([
      [
        "off by 1 %",
        { backward: (...args) => backward(...args).map((x) => x && ops.scale(x, 1.01)) },
      ],
      [
        "that forgets a result",
        { backward: (known, [dLoss], params) => backward(known, [dLoss, undefined], params) },
      ],
      [
        "with another result than the operation",
        {
          forward: (operands, params) => {
            const { outputs, residuals } = forward(operands, params);
            return { outputs: outputs.map((x) => ops.scale(x, 1.01)), residuals };
          },
        },
      ],
      [
        "that stops further derivatives",
        {
          backward: ([logits, ...known], cotangents, params) =>
            backward([ops.stopGradient(logits), ...known], cotangents, params),
        },
      ],
      ["of integers", { backward: (...args) => [backward(...args)[0], backward(...args)[0]] }],
      ["of too few operands", { backward: (...args) => backward(...args).slice(0, 1) }],
    ])("%s", (_, change) => {
      const wrong = crossEntropy("wrongVjp", change);
      expect(run("fused vjp", "softmaxCrossEntropy", wrong)).toThrow("wrongVjp case");
    });
  });

  it("a meaning that changes from call to call", () => {
    let calls = 0;
    const wrong = sine("wrongMemory", { reference: (_inputs, [out]) => out.words.fill(calls++) });
    expect(run("jit", "sin", wrong)).toThrow("wrongMemory case");
  });
});
