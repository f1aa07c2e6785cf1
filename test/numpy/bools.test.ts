/** Bools stay bools where JAX leaves them: among them no counting and no halves. */
import { expect, test } from "vitest";
import * as lax from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { describeBackends } from "../support/backends.ts";

const x = [true, false, true, false];
const y = [true, true, false, false];

describeBackends("bools", () => {
  test.each<[string, () => np.ArrayLike, unknown]>([
    ["add", () => np.add(x, y), [true, true, true, false]],
    ["multiply", () => np.multiply(x, y), [true, false, false, false]],
    ["maximum", () => np.maximum(x, y), [true, true, true, false]],
    ["minimum", () => np.minimum(x, y), [true, false, false, false]],
    ["clip", () => np.clip(x, y, true), [true, true, true, false]],
    ["sort", () => np.sort(x), [false, false, true, true]],
    ["sort, descending", () => np.sort(x, -1, { descending: true }), [true, true, false, false]],
    ["sortKeyValue", () => lax.sortKeyValue(x, [1, 2, 3, 4])[0], [false, false, true, true]],
    ["topK", () => lax.topK(x, 2)[0], [true, true]],
    ["max", () => np.max(x), 1],
    ["min", () => np.min(x), 0],
    ["dot", () => np.dot(x, y), 1],
    ["matmul", () => np.matmul([x, y], [[true], [false], [false], [false]]), [[true], [true]]],
    [
      "einsum",
      () => np.einsum("i,j->ij", [true, false], [true, true]),
      [
        [true, true],
        [false, false],
      ],
    ],
  ])("%s of bools is bool", (_, f, expected) => {
    const result = np.array(f());
    expect(result.dtype).toBe("bool");
    expect(result.shape.length === 0 ? result.item() : result.toArray()).toEqual(expected);
  });

  test("counting is in i32", () => {
    for (const count of [np.sum(x), np.prod(x), np.cumsum(x), np.subtract(x, y), np.power(x, y)]) {
      expect(count.dtype).toBe("i32");
    }
    expect(np.sum(x).item()).toBe(2);
    expect(np.add(x, 1).toArray()).toEqual([2, 1, 2, 1]);
  });
});
