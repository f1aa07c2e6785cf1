import fc from "fast-check";
import { expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import * as np from "../../src/numpy/index.ts";
import type { Shape } from "../../src/core/shape.ts";
import type { Value } from "../../src/core/value.ts";
import { describeBackends } from "../support/backends.ts";
import { counting, expectElements, indicesOf, reader } from "../support/grid.ts";

const runs = { numRuns: 25 };

/** Einstein's convention as nested loops over all labels. */
function expectEinsum(subscripts: string, operands: readonly Value[]): void {
  const [inputs, output] = subscripts.split("->");
  const labels = inputs.split(",").map((names) => names.split(""));
  const sizes = new Map<string, number>();
  labels.forEach((names, i) =>
    names.forEach((name, axis) => sizes.set(name, operands[i].shape[axis])),
  );
  const result = output.split("");
  const summed = [...sizes.keys()].filter((name) => !result.includes(name));
  const sizeOf = (names: readonly string[]): number[] => names.map((name) => sizes.get(name) ?? 0);
  const readers = operands.map(reader);
  expectElements(np.einsum(subscripts, ...operands), sizeOf(result), (index) => {
    let total = 0;
    for (const rest of indicesOf(sizeOf(summed))) {
      const at = (name: string): number =>
        result.includes(name) ? index[result.indexOf(name)] : rest[summed.indexOf(name)];
      total += labels.reduce((product, names, i) => product * readers[i](...names.map(at)), 1);
    }
    return total;
  });
}

const sizes: Record<string, number> = { a: 2, b: 3, c: 1, d: 4 };

describeBackends("einsum", () => {
  test.each([
    "ij,jk->ik",
    "ij,jk->ki",
    "bij,bjk->bik",
    "i,j->ij",
    "ij->ji",
    "ij->",
    "ii->",
    "ii->i",
    "iji->ij",
    "ij,ij->",
    "ij,ij->ij",
    "i,i->",
    "bhqd,bhkd->bhqk",
    "ij,jk,kl->il",
    "ij,k->jk",
    "a,ab,abc->",
    "ab,b->a",
    "->",
    ",ij->ij",
  ])("%s equals loops", (subscripts) => {
    const operands = subscripts.split("->")[0].split(",");
    expectEinsum(
      subscripts,
      operands.map((names, i) =>
        counting(
          names.split("").map((name) => 2 + (name.charCodeAt(0) % 3)),
          "f32",
          i,
        ),
      ),
    );
  });

  test("random subscripts equal loops", () => {
    const labels = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(labels, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.boolean()),
        (operands, keep) => {
          const known = [...new Set(operands.flat())];
          const output = known.filter(() => keep.next().value);
          const text = `${operands.map((names) => names.join("")).join(",")}->${output.join("")}`;
          expectEinsum(
            text,
            operands.map((names, i) =>
              counting(
                names.map((name) => sizes[name]),
                "f32",
                i,
              ),
            ),
          );
        },
      ),
      runs,
    );
  });

  test.each<readonly [string, string, readonly Shape[]]>([
    [
      "...ij,...jk->...ik",
      "aij,ajk->aik",
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
    ],
    [
      "...ij,...jk->...ik",
      "abij,jk->abik",
      [
        [2, 3, 3, 4],
        [4, 5],
      ],
    ],
    ["i...->...i", "iab->abi", [[2, 3, 4]]],
    ["...->...", "ab->ab", [[2, 3]]],
    [
      "i...j,...->ji...",
      "iabj,ab->jiab",
      [
        [2, 3, 4, 5],
        [3, 4],
      ],
    ],
    [
      "b...d,b...d->b...",
      "bxyd,bxyd->bxy",
      [
        [2, 3, 4, 5],
        [2, 3, 4, 5],
      ],
    ],
    ["...i", "ai->ai", [[2, 3]]],
    ["ba...", "bac->cab", [[2, 3, 4]]],
    ["...i,i", "ai,i->a", [[2, 3], [3]]],
  ])("%s is %s", (subscripts, named, shapes) => {
    const operands = shapes.map((shape, i) => counting(shape, "f32", i));
    const got = np.einsum(subscripts, ...operands);
    const expected = np.einsum(named, ...operands);
    expect(got.shape).toEqual(expected.shape);
    expect(got.toArray()).toEqual(expected.toArray());
  });

  test("axes under an ellipsis are broadcast", () => {
    const x = counting([3, 1, 2]);
    const y = counting([4, 2], "f32", 1);
    expect(np.einsum("...i,...i->...", x, y).toArray()).toEqual(
      np.sum(np.multiply(x, y), -1).toArray(),
    );
    expect(np.einsum("...,...->...", np.ones([1]), np.ones([1])).shape).toEqual([1]);
  });

  test("integers, and an implicit result", () => {
    expect(
      np
        .einsum(
          "ba",
          np.array(
            [
              [1, 2],
              [3, 4],
            ],
            "i32",
          ),
        )
        .toArray(),
    ).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(np.einsum("ij,jk", np.ones([2, 3], "i32"), np.ones([3, 2], "i32")).dtype).toBe("i32");
    expect(np.einsum(" i j , j -> i ", np.ones([2, 3]), np.ones([3])).toArray()).toEqual([3, 3]);
  });

  test("what does not fit", () => {
    const x = np.ones([2, 3]);
    expect(() => np.einsum("ij,jk->ik", x)).toThrow(ShapeError);
    expect(() => np.einsum("ijk->i", x)).toThrow("3 axes");
    expect(() => np.einsum("ii->i", x)).toThrow("size 2 for label i");
    expect(() => np.einsum("ij->ik", x)).toThrow("result labels");
    expect(() => np.einsum("ij->ii", x)).toThrow("result labels");
    expect(() => np.einsum("...j->j", x)).toThrow("an ellipsis in the result");
    expect(() => np.einsum("...ijk->...", x)).toThrow("at least 3 axes");
    expect(() => np.einsum("...i...->i", x)).toThrow("at most one ellipsis");
    expect(() => np.einsum("..i->i", x)).toThrow("at most one ellipsis");
    expect(() => np.einsum("...,...->...", x, np.ones([3, 3]))).toThrow(
      "size 2 under the ellipses",
    );
  });
});

describeBackends("matrix products", () => {
  const batches = fc.constantFrom<[number[], number[]]>(
    [[], []],
    [[2], [2]],
    [[2], []],
    [[], [2]],
    [[2, 1], [3]],
    [
      [2, 3],
      [1, 3],
    ],
    [[3], [2, 1]],
  );

  test("matmul equals loops, with broadcast batches", () => {
    fc.assert(
      fc.property(
        batches,
        fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }), fc.nat({ max: 4 })),
        fc.constantFrom("f32", "i32"),
        ([left, right], [m, k, n], dtype) => {
          const x = counting([...left, m, k], dtype);
          const y = counting([...right, k, n], dtype, 3);
          const rank = Math.max(left.length, right.length);
          const batch = Array.from({ length: rank }, (_, i) =>
            Math.max(left[i - rank + left.length] ?? 1, right[i - rank + right.length] ?? 1),
          );
          const pick = (shape: number[], index: readonly number[]): number[] =>
            shape.map((size, i) => (size === 1 ? 0 : index[i + rank - shape.length]));
          const result = np.matmul(x, y);
          expect(result.dtype).toBe(dtype);
          expectElements(result, [...batch, m, n], (index) => {
            const [i, j] = index.slice(-2);
            let total = 0;
            for (let p = 0; p < k; p++) {
              total +=
                reader(x)(...pick(left, index), i, p) * reader(y)(...pick(right, index), p, j);
            }
            return total;
          });
        },
      ),
      runs,
    );
  });

  test("vectors in matmul and dot", () => {
    const matrix = counting([3, 4]);
    const [row, column] = [counting([3]), counting([4])];
    expectElements(np.matmul(row, matrix), [4], ([j]) =>
      [0, 1, 2].reduce((sum, i) => sum + reader(row)(i) * reader(matrix)(i, j), 0),
    );
    expectElements(np.matmul(matrix, column), [3], ([i]) =>
      [0, 1, 2, 3].reduce((sum, j) => sum + reader(column)(j) * reader(matrix)(i, j), 0),
    );
    const stack = counting([2, 3, 4]);
    expectElements(np.matmul(row, stack), [2, 4], ([b, j]) =>
      [0, 1, 2].reduce((sum, i) => sum + reader(row)(i) * reader(stack)(b, i, j), 0),
    );
    expect(np.dot(row, row).shape).toEqual([]);
    expect(np.dot(2, [1, 2]).toArray()).toEqual([2, 4]);
    expect(np.dot(counting([2, 3]), counting([5, 3, 4])).shape).toEqual([2, 5, 4]);
    expect(() => np.matmul(1, [1])).toThrow("Use multiply");
    expect(() => np.matmul([[1, 2]], [[1, 2]])).toThrow(ShapeError);
  });

  test("inner, outer, tensordot and vdot equal einsum", () => {
    const [x, y] = [counting([2, 3, 4]), counting([4, 3, 5], "f32", 1)];
    const same = (a: Value, b: Value): void => expect(np.arrayEqual(a, b)).toBe(true);
    same(
      np.tensordot(x, y, [
        [2, 1],
        [0, 1],
      ]),
      np.einsum("abc,cbd->ad", x, y),
    );
    same(np.tensordot(x, counting([3, 4, 2])), np.einsum("abc,bcd->ad", x, counting([3, 4, 2])));
    same(np.inner(x, counting([5, 4])), np.einsum("abc,dc->abd", x, counting([5, 4])));
    same(
      np.outer([[1, 2]], [3, 4, 5]),
      np.einsum("i,j->ij", np.array([1, 2]), np.array([3, 4, 5])),
    );
    same(np.vdot(x, x), np.einsum("abc,abc->", x, x));
    same(np.tensordot([1, 2], [3, 4], 0), np.outer([1, 2], [3, 4]));
    expect(() => np.tensordot(x, y, [[0], [0]])).toThrow(ShapeError);
    expect(() => np.tensordot(x, y, [[0], [0, 1]])).toThrow("pairs");
  });
});
