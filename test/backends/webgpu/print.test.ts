import { describe, expect, it } from "vitest";
import { wgslPrelude } from "../../../src/backends/webgpu/wgsl/prelude.ts";
import { printLanes } from "../../../src/backends/webgpu/wgsl/print.ts";
import { scalarOps, type ScalarOp, type ScalarType } from "../../../src/ir/expression.ts";
import { scalarFormulas } from "../../../src/ir/scalar/formulas.ts";
import { createRecorder, type LaneNode } from "../../../src/ir/scalar/record.ts";

const printed = (record: (recorder: ReturnType<typeof createRecorder>) => LaneNode) =>
  printLanes([record(createRecorder())], (i) => `x${i}`).statements;

describe("lanes printed in WGSL", () => {
  it("are statements in which every rounding is guarded and every value computed once", () => {
    const { lanes, input } = createRecorder();
    const { add, mul, f32, lt, select } = lanes;
    const [x, y] = [input("F", 0), input("F", 1)];
    const product = mul(x, y);
    const result = select(lt(product, f32(1.5)), add(product, x), product);
    expect(printLanes([result, product], (i) => `x${i}`)).toEqual({
      statements: [
        "let v2 = guard(x0 * x1);",
        "let v3 = bitcast<f32>(0x3fc00000u);",
        "let v4 = v2 < v3;",
        "let v5 = guard(v2 + x0);",
        "let v6 = select(v2, v5, v4);",
      ],
      results: ["v6", "v2"],
    });
  });

  it("hide what compilers refuse or simplify wrongly: zeros, infinities, NaN, denormal numbers", () => {
    const text = (value: number): string => printed(({ lanes }) => lanes.f32(value))[0];
    expect([0, -0, Infinity, -Infinity, NaN, 2 ** -149].map(text)).toEqual(
      ["0x0u", "0x80000000u", "0x7f800000u", "0xff800000u", "0x7fc00000u", "0x1u"].map(
        (bits) => `let v0 = opaque(${bits});`,
      ),
    );
    expect(text(2 ** -126)).toBe("let v0 = bitcast<f32>(0x800000u);");
  });

  it("hide that two operands are one, and what the divisor is", () => {
    const twice = (op: "sub" | "add"): string =>
      printed(({ lanes, input }) => lanes[op](input("F", 0), input("F", 0)))[0];
    expect(twice("sub")).toBe("let v1 = guard(x0 - guard(x0));");
    expect(twice("add")).toBe("let v1 = guard(x0 + x0);");
    const third = printed(({ lanes, input }) => lanes.div(input("F", 0), lanes.f32(3)));
    expect(third[1]).toBe("let v2 = guard(x0 / guard(v1));");
  });

  it("test for NaN by bits", () => {
    const isNaN = printed(({ lanes, input }) => {
      const x = input("F", 0);
      return lanes.bool(lanes.ne(x, x));
    });
    expect(isNaN[0]).toBe("let v1 = isNan(x0);");
  });

  it("have the smallest integer, which is no literal", () => {
    const text = (value: number): string => printed(({ lanes }) => lanes.i32(value))[0];
    expect(text(-0x80000000)).toBe("let v0 = bitcast<i32>(0x80000000u);");
    expect(text(-7)).toBe("let v0 = -7i;");
  });

  it("refuse f64", () => {
    const wide: LaneNode = { id: 0, op: "f64", kind: "D", operands: [], value: 1 };
    expect(() => printLanes([wide], () => "x")).toThrow("WGSL has no constant of kind f64");
  });

  it("call functions of the prelude only, and every one of them", () => {
    const declared = [...wgslPrelude.matchAll(/^fn (\w+)/gm)].map(([, name]) => name);
    const statements = (Object.keys(scalarOps) as ScalarOp[]).flatMap((op) =>
      printed(({ lanes, input }) => {
        const types: readonly ScalarType[] = scalarOps[op].slice(0, -1);
        const formula: (...operands: readonly LaneNode[]) => LaneNode = scalarFormulas(lanes)[op];
        return formula(...types.map((type, i) => input(type === "f32" ? "F" : "I", i)));
      }),
    );
    const called = [wgslPrelude.replaceAll(/^fn \w+/gm, ""), ...statements]
      .join("\n")
      .matchAll(/\b([a-zA-Z]\w*)\(/g);
    const names = new Set([...called].map(([, name]) => name));
    const builtIn = ["select", "min", "max", "abs", "sqrt", "floor", "ceil", "trunc", "round"];
    const others = ["f32", "i32", "u32", "if", "while", "firstLeadingBit", "zero"];
    const unknown = [...names].filter(
      (name) => ![...declared, ...builtIn, ...others].includes(name),
    );
    expect(unknown).toEqual([]);
    expect(declared.filter((name) => !names.has(name))).toEqual([]);
  });
});
