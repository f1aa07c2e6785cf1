import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberLanes } from "../../../src/core/scalar-math/index.ts";
import {
  scalarOps,
  type Expression,
  type ScalarOp,
  type ScalarType,
} from "../../../src/ir/expression.ts";
import {
  scalarFormulas,
  wideScalarFormulas,
  type Formulas,
} from "../../../src/ir/scalar/formulas.ts";
import { canonicalValue } from "../../../src/ir/scalar/graph.ts";
import { resultKinds, wideResultKinds } from "../../../src/ir/scalar/lane-kinds.ts";
import { recordExpressions } from "../../../src/ir/scalar/record-expressions.ts";
import {
  createRecorder,
  createWideRecorder,
  neededNodes,
  type LaneNode,
} from "../../../src/ir/scalar/record.ts";
import { evaluateLanes } from "../../support/evaluate-lanes.ts";
import { randomExpression } from "../../support/random-expressions.ts";

describe("recording formulas", () => {
  it("makes one node of equal computations, and two of 0 and -0", () => {
    const { lanes, input } = createRecorder();
    const { add, f32, shiftLeft, bits } = lanes;
    const x = input("F", 0);
    expect(add(x, f32(0.1))).toBe(add(x, f32(Math.fround(0.1))));
    expect(add(x, f32(0))).not.toBe(add(x, f32(-0)));
    expect(shiftLeft(bits(x), 3)).toBe(shiftLeft(bits(x), 3));
    expect(shiftLeft(bits(x), 3)).not.toBe(shiftLeft(bits(x), 4));
    expect(input("I", 0)).not.toBe(x);
  });

  it("lists what results need, once, operands first", () => {
    const { lanes, input } = createRecorder();
    const { add, mul } = lanes;
    const [x, y] = [input("F", 0), input("F", 1)];
    const product = mul(x, y);
    const unused = add(product, y);
    const sum = add(product, x);
    const results = [add(sum, product), sum];
    const nodes = neededNodes(results);
    expect(nodes).not.toContain(unused);
    expect(new Set(nodes).size).toBe(nodes.length);
    for (const [i, node] of nodes.entries()) {
      for (const operand of node.operands) expect(nodes.indexOf(operand)).toBeLessThan(i);
    }
    expect(nodes).toHaveLength(5);
  });

  it("has every operation, with the kind of its result", () => {
    const { lanes } = createWideRecorder();
    const names = [...Object.keys(resultKinds), ...Object.keys(wideResultKinds)];
    expect(Object.keys(lanes).sort()).toEqual([...names, "f32", "f64", "i32"].sort());
    expect(Object.keys(numberLanes).sort()).toEqual(Object.keys(lanes).sort());
  });

  it("needs no f64 for the formulas of machines without it", () => {
    const { lanes, input } = createWideRecorder();
    type Node = ReturnType<typeof input>;
    const usesWide = (formulas: Formulas<Node, Node>, op: ScalarOp): boolean => {
      const types: readonly ScalarType[] = scalarOps[op].slice(0, -1);
      const formula: (...operands: readonly Node[]) => Node = formulas[op];
      const result = formula(...types.map((type, i) => input(type === "f32" ? "F" : "I", i)));
      return neededNodes([result]).some(({ kind }) => kind === "D");
    };
    const ops = Object.keys(scalarOps) as ScalarOp[];
    expect(ops.filter((op) => usesWide(scalarFormulas(lanes), op))).toEqual([]);
    expect(ops.filter((op) => usesWide(wideScalarFormulas(lanes), op))).toEqual([
      "sinF32",
      "cosF32",
      "powF32",
    ]);
  });

  it("keeps the meaning: a recorded formula carried out again has the bits of the formula", () => {
    const number = fc.float({ noDefaultInfinity: false });
    for (const op of ["expF32", "sinF32", "powF32", "atan2F32", "erfF32", "remF32"] as const) {
      const { lanes, input } = createRecorder();
      const recorded: (...operands: readonly LaneNode[]) => LaneNode = scalarFormulas(lanes)[op];
      const direct: (...operands: readonly number[]) => number = scalarFormulas(numberLanes)[op];
      const again = evaluateLanes(numberLanes, recorded(input("F", 0), input("F", 1)));
      fc.assert(
        fc.property(number, number, (x, y) => {
          expect(again(x, y)).toBe(direct(x, y));
        }),
      );
    }
  });
});

const numberFormulas = scalarFormulas(numberLanes);

/** An expression on lanes, operation by operation. */
function evaluateNarrow(expression: Expression, values: readonly number[]): number {
  if (expression.kind === "input") return values[expression.index];
  if (expression.kind === "constant") {
    const { value, type } = expression;
    return type === "f32" ? Math.fround(value) : canonicalValue(value, type) | 0;
  }
  const formula: (...operands: readonly number[]) => number = numberFormulas[expression.op];
  return formula(...expression.operands.map((operand) => evaluateNarrow(operand, values)));
}

describe("recording expressions", () => {
  const types = ["f32", "f32", "i32", "u32", "bool"] as const;
  const operands = fc.tuple(fc.float(), fc.float(), fc.integer(), fc.nat(), fc.nat(1));

  it("replaces every operation by its formula", () => {
    fc.assert(
      fc.property(randomExpression("f32", types, 3), operands, (expression, values) => {
        const [result] = recordExpressions([expression]);
        const wanted = evaluateNarrow(expression, values);
        expect(evaluateLanes(numberLanes, result)(...values)).toBe(wanted);
      }),
    );
  });
});
