import { expect, test } from "vitest";
import { DTypeError, ShapeError } from "../../src/core/errors.ts";
import { grad, jit, type Value } from "../../src/index.ts";
import * as lax from "../../src/lax/index.ts";
import { arange, array, multiply, sum, zeros } from "../../src/numpy/index.ts";
import { describeBackends } from "../support/backends.ts";
import { expectClose } from "../support/arrays.ts";
import { counting, expectElements, reader } from "../support/grid.ts";

describeBackends("slicing at traced positions", () => {
  const x = counting([4, 5]);
  const at = reader(x);

  test("dynamicSlice clamps its starts", () => {
    const cut = jit((i: Value, j: Value) => lax.dynamicSlice(x, [i, j], [2, 3]));
    expectElements(cut(array(1, "i32"), array(2, "i32")), [2, 3], ([i, j]) => at(i + 1, j + 2));
    expectElements(cut(array(9, "i32"), array(-7, "i32")), [2, 3], ([i, j]) => at(i + 2, j));
    expect(() => lax.dynamicSlice(x, [0], [2, 3])).toThrow(ShapeError);
    expect(() => lax.dynamicSlice(x, [[0], 0], [2, 3])).toThrow("2 scalars");
  });

  test("dynamicUpdateSlice writes a copy", () => {
    const update = counting([2, 2], "f32", 4);
    expectElements(lax.dynamicUpdateSlice(x, update, [9, 1]), [4, 5], ([i, j]) =>
      i >= 2 && j >= 1 && j < 3 ? reader(update)(i - 2, j - 1) : at(i, j),
    );
  });

  test("one axis", () => {
    expectElements(lax.dynamicSliceInDim(x, 2, 2, 1), [4, 2], ([i, j]) => at(i, j + 2));
    expectElements(lax.dynamicIndexInDim(x, array(3, "i32"), -1), [4], ([i]) => at(i, 3));
    expect(lax.dynamicIndexInDim(x, 3, 0, { keepDims: true }).shape).toEqual([1, 5]);
    expectElements(lax.dynamicUpdateSliceInDim(x, zeros([4, 1]), 4, 1), [4, 5], ([i, j]) =>
      j === 4 ? 0 : at(i, j),
    );
    expectElements(lax.sliceInDim(x, 1, 3), [2, 5], ([i, j]) => at(i + 1, j));
    expectElements(lax.slice(x, [0, 1], [4, 5], [3, 2]), [2, 2], ([i, j]) => at(3 * i, 2 * j + 1));
    expect(() => lax.sliceInDim(x, 3, 9)).toThrow(ShapeError);
  });
});

describeBackends("structure", () => {
  test("iota, broadcastInDim, pad, rev", () => {
    expect(lax.iota("u32", 3).toArray()).toEqual([0, 1, 2]);
    expect(lax.iota("f32", [2, 2], -1).toArray()).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(lax.broadcastInDim([1, 2], [2, 3], [0]).toArray()).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expect(lax.pad([1, 2, 3], 9, [-1], [1], [1]).toArray()).toEqual([9, 2, 9, 3, 9]);
    expect(
      lax
        .rev(
          [
            [1, 2],
            [3, 4],
          ],
          [-1],
        )
        .toArray(),
    ).toEqual([
      [2, 1],
      [4, 3],
    ]);
  });

  test("gather and scatterAdd with batch axes", () => {
    const x = counting([2, 3, 2]);
    const indices = array(
      [
        [2, 0],
        [1, 9],
      ],
      "i32",
    );
    const rows = [
      [2, 0],
      [1, 2],
    ];
    expectElements(lax.gather(x, indices, 1), [2, 2, 2], ([b, i, k]) =>
      reader(x)(b, rows[b][i], k),
    );
    const updates = counting([2, 2, 2], "f32", 2);
    expectElements(lax.scatterAdd(x, indices, updates, 1), [2, 3, 2], ([b, n, k]) =>
      [0, 1].reduce(
        (total, i) => total + (reader(indices)(b, i) === n ? reader(updates)(b, i, k) : 0),
        reader(x)(b, n, k),
      ),
    );
    expect(() => lax.gather(x, [0.5])).toThrow(DTypeError);
  });

  test("dotGeneral for floats and integers", () => {
    const spec = { lhsBatch: [1], rhsBatch: [0], lhsContract: [0], rhsContract: [2] };
    for (const dtype of ["f32", "i32"] as const) {
      const [x, y] = [counting([3, 2, 4], dtype), counting([2, 5, 3], dtype, 1)];
      expectElements(lax.dotGeneral(x, y, spec), [2, 4, 5], ([b, i, j]) =>
        [0, 1, 2].reduce((total, k) => total + reader(x)(k, b, i) * reader(y)(b, j, k), 0),
      );
    }
  });

  test("topK and sortKeyValue", () => {
    const [values, indices] = lax.topK(
      [
        [1, 7, 7, 3],
        [4, 3, 2, 1],
      ],
      2,
    );
    expect(values.toArray()).toEqual([
      [7, 7],
      [4, 3],
    ]);
    expect(indices.toArray()).toEqual([
      [1, 2],
      [0, 1],
    ]);
    const [keys, moved] = lax.sortKeyValue(
      [
        [3, 1],
        [2, 2],
      ],
      [
        [30, 10],
        [20, 21],
      ],
      0,
    );
    expect([keys.toArray(), moved.toArray()]).toEqual([
      [
        [2, 1],
        [3, 2],
      ],
      [
        [20, 10],
        [30, 21],
      ],
    ]);
  });

  test("reductions by axes", () => {
    expect(
      lax
        .reduceSum(
          [
            [1, 2],
            [3, 4],
          ],
          [0, 1],
        )
        .item(),
    ).toBe(10);
    expect(
      lax
        .reduceProduct(
          [
            [1, 2],
            [3, 4],
          ],
          [-1],
        )
        .toArray(),
    ).toEqual([2, 12]);
    expect(lax.reduceMax(zeros([0]), [0]).item()).toBe(-Infinity);
    expect(lax.reduceMin(zeros([0]), [0]).item()).toBe(Infinity);
    expect(lax.reduceAnd([true, false], [0]).toArray()).toBe(false);
    expect(lax.reduceOr([true, false], [0]).toArray()).toBe(true);
  });
});

describeBackends("elementwise", () => {
  test("special functions", () => {
    const close = { absolute: 1e-6, relative: 1e-6 };
    expectClose(lax.erf([0.5, -1]).dataSync(), [0.5204999, -0.8427008], close, "erf");
    expectClose(lax.erfInv([0.5204999]).dataSync(), [0.5], close, "erfInv");
    expectClose(lax.logistic([0, 2]).dataSync(), [0.5, 1 / (1 + Math.exp(-2))], close, "logistic");
    expectClose(lax.rsqrt([4, 2]).dataSync(), [0.5, Math.SQRT1_2], close, "rsqrt");
    expect(lax.clamp(0, [-1, 0.5, 2], 1).toArray()).toEqual([0, 0.5, 1]);
    expect(lax.bitcastConvertType(array([-1], "i32"), "u32").item()).toBe(2 ** 32 - 1);
    expect(lax.shiftRightLogical(array([-1], "i32"), 31).item()).toBe(1);
    expect(lax.convertElementType([1.9, -1.9, NaN, 1e20], "i32").toArray()).toEqual([
      1,
      -1,
      0,
      2 ** 31 - 1,
    ]);
  });

  test("stopGradient hides a factor from the derivative", () => {
    expect(grad((x: Value) => multiply(x, lax.stopGradient(x)))(array(3)).item()).toBe(3);
  });
});

describeBackends("fixed point", () => {
  test("rounds half to even, saturates, and comes back", () => {
    expect(lax.toFixed([0.125, 0.375, -0.125], 2).toArray()).toEqual([0, 0.5, 0]);
    expect(lax.fromFixed(lax.toFixed([5000, -5000])).toArray()).toEqual([2048, -2048]);
    expect(lax.toFixed(1).dtype).toBe("q32.20");
  });

  test("addition is undone exactly, also when it wraps", () => {
    const x = lax.toFixed(counting([50]));
    const y = lax.toFixed(multiply(arange(50), 123.4567));
    const back = lax.fixedSub(lax.fixedAdd(x, y), y);
    expect([...back.dataSync()]).toEqual([...x.dataSync()]);
    expect(lax.fixedAdd(x, lax.toFixed(1)).shape).toEqual([50]);
  });

  test("scales do not mix, floats are refused", () => {
    expect(() => lax.fixedAdd(lax.toFixed(1, 2), lax.toFixed(1, 3))).toThrow(DTypeError);
    expect(() => lax.fromFixed(array(1))).toThrow("toFixed");
    expect(() => lax.toFixed(1, 31)).toThrow(DTypeError);
    expect(() => lax.toFixed(lax.toFixed(1))).toThrow(DTypeError);
  });

  test("the derivative of rounding is the identity", () => {
    const f = (x: Value): Value => sum(multiply(lax.fromFixed(lax.toFixed(x, 3)), [1, 2]));
    expect(grad(f)(array([0.3, 0.7])).toArray()).toEqual([1, 2]);
  });
});
