/** Labels that name no class do not train the last one. */
import { expect, test } from "vitest";
import { grad, jit, ReformaxError, ShapeError, vmap, type Value } from "../../src/index.ts";
import { softmaxCrossEntropy } from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { f32, i32, u32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

const logits = f32([3, 2], [0, 0, 1, 3, 2, 0]);

describeBackends("labels", () => {
  test("beyond the classes are an error where they can be seen", () => {
    expect(() => softmaxCrossEntropy(logits, i32([3], [0, 1, 2]))).toThrow(
      /names no class.*below 2.*got 2/,
    );
    expect(() => softmaxCrossEntropy(logits, u32([3], [0, 1, 3e9]))).toThrow(ReformaxError);
    // The labels of a traced loss are known as well, if it closes over them.
    expect(() =>
      grad((x: Value) => np.sum(softmaxCrossEntropy(x, i32([3], [0, 1, 7]))))(logits),
    ).toThrow(ReformaxError);
  });

  test("beyond the classes are NaN in loss and gradient where they are traced; others are untouched", () => {
    const labels = i32([3], [1, -1, 2]);
    const losses = jit(softmaxCrossEntropy as (x: Value, y: Value) => Value)(
      logits,
      labels,
    ).dataSync();
    const right = softmaxCrossEntropy(logits, i32([3], [1, -1, 0])).dataSync();
    expect([...losses]).toEqual([right[0], 0, NaN]);
    const gradient = jit(grad((x: Value, y: Value) => np.sum(softmaxCrossEntropy(x, y))))(
      logits,
      labels,
    );
    expect(gradient.toArray()).toEqual([
      [0.5, -0.5],
      [0, 0],
      [NaN, NaN],
    ]);
    const each = vmap((x: Value, y: Value) => softmaxCrossEntropy(x, y))(logits, labels).dataSync();
    expect([...each]).toEqual([...losses]);
  });

  test("of no classes are one error on every backend", () => {
    expect(() => softmaxCrossEntropy(np.zeros([2, 0]), i32([2], [0, 0]))).toThrow(ShapeError);
  });

  test("that are floats are an error", () => {
    expect(() => softmaxCrossEntropy(logits, f32([3], [0, 1, 1]))).toThrow(/integers are needed/);
  });
});
