import { describe, expect, it } from "vitest";
import {
  applyOp,
  constantExpression,
  inputExpression,
  type Expression,
} from "../../src/ir/expression.ts";
import { clusterKey } from "../../src/plan/cluster-key.ts";
import type { ElementwiseCluster } from "../../src/plan/index.ts";

const x = inputExpression(0, "f32");
const y = inputExpression(1, "f32");
const plus = (value: number): Expression => applyOp("addF32", x, constantExpression(value, "f32"));

const base: ElementwiseCluster = {
  shape: [4, 2],
  inputs: [
    { type: "f32", view: { offset: 0, strides: [2, 1] } },
    { type: "f32", view: { offset: 0, strides: [2, 1] } },
  ],
  outputs: [plus(0)],
  operations: 1,
};

describe("the key of a cluster", () => {
  it("tells apart what has another tile program", () => {
    const others: readonly Partial<ElementwiseCluster>[] = [
      {},
      { shape: [2, 4] },
      { shape: [42] },
      { operations: 2 },
      { inputs: [base.inputs[0]] },
      { inputs: [base.inputs[0], { type: "f32", view: { offset: 0, strides: [1, 4] } }] },
      { inputs: [base.inputs[0], { type: "f32", view: { offset: 1, strides: [2, 1] } }] },
      { inputs: [base.inputs[0], { type: "u32", view: { offset: 0, strides: [2, 1] } }] },
      { outputs: [plus(-0)] },
      { outputs: [plus(1)] },
      { outputs: [plus(0), plus(0)] },
      { outputs: [applyOp("addF32", x, y)] },
      { outputs: [applyOp("addF32", y, x)] },
      { outputs: [applyOp("subF32", x, y)] },
      { outputs: [applyOp("mulF32", plus(0), y)] },
    ];
    const keys = others.map((change) => clusterKey({ ...base, ...change }));
    expect(new Set(keys).size).toBe(others.length);
  });

  it("is the same for expressions made anew, and short where parts are shared", () => {
    expect(clusterKey({ ...base, outputs: [plus(0)] })).toBe(clusterKey(base));
    const doubled = Array.from({ length: 60 }).reduce<Expression>(
      (sum) => applyOp("addF32", sum, sum),
      x,
    );
    expect(clusterKey({ ...base, outputs: [doubled] }).length).toBeLessThan(2000);
  });
});
