/** What derivatives are where there is none, as in JAX: the law test keeps away from these points. */
import { expect, it } from "vitest";
import { createReferenceBackend } from "../../src/backends/reference/index.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { bindRecord } from "../../src/ir/ops.ts";
import type { Params } from "../../src/ir/primitive.ts";
import "../../src/transforms/index.ts";
import { jvpOf } from "../../src/transforms/jvp.ts";
import { f32 } from "../support/arrays.ts";
import { concrete } from "./laws/subject.ts";

setBackend(createReferenceBackend());

/** The result's tangent when operand number `which` has the tangent 1; undefined is a symbolic zero. */
function slopes(
  name: string,
  operands: readonly Tensor[],
  which = 0,
  params: Params = {},
): unknown {
  const tangents = operands.map((operand, i) =>
    i === which
      ? f32(
          operand.shape,
          operand.words().map(() => 1),
        )
      : undefined,
  );
  const [tangent] = jvpOf(
    (...values) => bindRecord(name, values, params),
    operands,
    tangents,
  ).tangents;
  return tangent && concrete(tangent).toArray();
}

const vector = (...words: number[]): Tensor => f32([words.length], words);

it("abs has slope 1 at 0, as in JAX, and NaN at NaN", () => {
  expect(slopes("abs", [vector(-2, 0, 3, NaN)])).toEqual([-1, 1, 1, NaN]);
});

it("max and min share at ties", () => {
  const operands = [vector(1, 2, 3), vector(2, 2, 2)];
  expect([0, 1].map((which) => slopes("max", operands, which))).toEqual([
    [0, 0.5, 1],
    [1, 0.5, 0],
  ]);
  expect([0, 1].map((which) => slopes("min", operands, which))).toEqual([
    [1, 0.5, 0],
    [0, 0.5, 1],
  ]);
});

it("reduceMax and reduceMin average over ties", () => {
  const x = vector(3, 1, 3, 1, 2);
  const direction = vector(10, 20, 30, 60, 70);
  expect(slopesAlong("reduceMax", x, direction)).toBe(20);
  expect(slopesAlong("reduceMin", x, direction)).toBe(40);
});

function slopesAlong(name: string, x: Tensor, direction: Tensor): number {
  const result = jvpOf((value) => bindRecord(name, [value], { axes: [0] }), [x], [direction]);
  return concrete(result.tangents[0]).item();
}

it("pow has no 0 * infinity: slope 0 by the base where the exponent is 0, by the exponent where the base is 0", () => {
  expect(slopes("pow", [vector(0, 0, 0), vector(0, 1, 2)])).toEqual([0, 1, 0]);
  expect(slopes("pow", [vector(0, 0), vector(1, 2)], 1)).toEqual([0, 0]);
});

it("sqrt is infinitely steep at 0", () => {
  expect(slopes("sqrt", [vector(0, 4)])).toEqual([Infinity, 0.25]);
});

it("steps and stopGradient have symbolic zeros", () => {
  for (const name of ["sign", "floor", "ceil", "round", "trunc", "stopGradient"]) {
    expect(slopes(name, [vector(0.3)]), name).toBeUndefined();
  }
  expect(slopes("convert", [vector(0.3)], 0, { dtype: "i32" })).toBeUndefined();
});

it("rounding to fixed point has slope 1, and hands on the very tangent", () => {
  const tangent = vector(1, 2);
  const toFixed = jvpOf(
    (x) => bindRecord("toFixed", [x], { fractionBits: 4 }),
    [vector(0.3, 5)],
    [tangent],
  );
  expect(toFixed.tangents[0]).toBe(tangent);
  const back = jvpOf((q) => bindRecord("fromFixed", [q], {}), toFixed.primals, [tangent]);
  expect(back.tangents[0]).toBe(tangent);
});
