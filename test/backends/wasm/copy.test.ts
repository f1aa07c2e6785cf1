import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sizeOf, stridesOf } from "../../../src/core/shape.ts";
import { bitsOf, run, runInParts } from "../../support/kernels.ts";

const counting = (size: number, from = 1): Int32Array =>
  Int32Array.from({ length: size }, (_, i) => from + i);

interface StridedCopy {
  readonly shape: readonly number[];
  readonly inOffset: number;
  readonly inStrides: readonly number[];
  readonly outOffset: number;
  readonly outStrides: readonly number[];
}

function copiedPlainly(input: Int32Array, out: Int32Array, copy: StridedCopy): Int32Array {
  const result = out.slice();
  const visit = (axis: number, from: number, to: number): void => {
    if (axis === copy.shape.length) {
      result[to] = input[from];
      return;
    }
    for (let i = 0; i < copy.shape[axis]; i++) {
      visit(axis + 1, from + i * copy.inStrides[axis], to + i * copy.outStrides[axis]);
    }
  };
  visit(0, copy.inOffset, copy.outOffset);
  return result;
}

function expectCopy(copy: StridedCopy, inSize: number, outSize: number): void {
  const { shape, inOffset, inStrides, outOffset, outStrides } = copy;
  const input = counting(inSize);
  const out = new Int32Array(outSize);
  const immediates = [shape.length, ...shape, inOffset, ...inStrides, outOffset, ...outStrides];
  const [, got] = runInParts("copyStrided", [input, out], immediates, [1]);
  expect(got).toEqual(copiedPlainly(input, out, copy));
}

/** Shapes up to rank 5 with sizes 0 and 1, and sizes that are no multiples of 4. */
const shapes = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
  {
    maxLength: 5,
  },
);

const permutations = (rank: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: rank }, (_, i) => i),
    { minLength: rank },
  );

describe("copyStrided", () => {
  test("transposes", () => {
    fc.assert(
      fc.property(
        shapes.chain((shape) => fc.tuple(fc.constant(shape), permutations(shape.length))),
        ([shape, permutation]) => {
          const strides = stridesOf(shape);
          const outShape = permutation.map((axis) => shape[axis]);
          expectCopy(
            {
              shape: outShape,
              inOffset: 0,
              inStrides: permutation.map((axis) => strides[axis]),
              outOffset: 0,
              outStrides: stridesOf(outShape),
            },
            sizeOf(shape),
            sizeOf(shape),
          );
        },
      ),
    );
  });

  test("broadcasts and reverses on the input, spreads on the output", () => {
    const axis = fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      form: fc.constantFrom("plain", "repeat", "reverse", "every other"),
      spread: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(axis, { maxLength: 5 }), (axes) => {
        const inSizes = axes.map(({ size, form }) =>
          form === "repeat" ? 1 : form === "every other" ? 2 * size : size,
        );
        const plain = stridesOf(inSizes);
        const outSizes = axes.map(({ size, spread }) => size * spread);
        expectCopy(
          {
            shape: axes.map(({ size }) => size),
            inOffset: axes.reduce(
              (sum, { size, form }, i) => sum + (form === "reverse" ? (size - 1) * plain[i] : 0),
              0,
            ),
            inStrides: axes.map(({ form }, i) => {
              if (form === "repeat") return 0;
              return form === "reverse"
                ? -plain[i]
                : form === "every other"
                  ? 2 * plain[i]
                  : plain[i];
            }),
            outOffset: 3,
            outStrides: stridesOf(outSizes).map((stride, i) => stride * axes[i].spread),
          },
          sizeOf(inSizes),
          sizeOf(outSizes) + 3,
        );
      }),
    );
  });

  test.each([
    [
      [67, 130],
      [1, 0],
    ],
    [
      [3, 65, 37],
      [0, 2, 1],
    ],
    [
      [5, 33, 4, 16],
      [0, 2, 1, 3],
    ],
    [
      [16, 5, 7, 18],
      [1, 2, 3, 0],
    ],
    [
      [1, 2048, 3],
      [2, 0, 1],
    ],
    [
      [2, 3, 2, 3, 2, 3, 2, 3],
      [7, 0, 6, 1, 5, 2, 4, 3],
    ],
  ])("permutes the axes of %j by %j", (shape, permutation) => {
    const outShape = permutation.map((axis) => shape[axis]);
    expectCopy(
      {
        shape: outShape,
        inOffset: 0,
        inStrides: permutation.map((axis) => stridesOf(shape)[axis]),
        outOffset: 0,
        outStrides: stridesOf(outShape),
      },
      sizeOf(shape),
      sizeOf(shape),
    );
  });

  test("keeps the payload of a NaN", () => {
    const input = new Float32Array(Int32Array.of(0x7fa12345, -1, 5, 6, 7).buffer);
    const [, out] = run("copyStrided", [input, new Float32Array(5)], [1, 5, 0, 1, 0, 1]);
    expect(bitsOf(out)).toEqual(bitsOf(input));
  });
});

describe("fill, copyWords and iota", () => {
  test("fill writes the bits everywhere and nowhere else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer(), (count, bits) => {
        const [out] = runInParts("fill", [new Int32Array(count)], [count, bits], [0]);
        expect(out).toEqual(new Int32Array(count).fill(bits));
      }),
    );
  });

  test.each([0, 1, 15, 16, 17, 63, 1023, 1024, 5000])("copyWords copies %i words", (count) => {
    const input = counting(count);
    const [, out] = runInParts("copyWords", [input, new Int32Array(count)], [count], [1]);
    expect(out).toEqual(input);
  });

  test.each([0, 1])("iota counts along its axis (float: %i)", (isFloat) => {
    const size = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(size, size, size, (outer, length, inner) => {
        const total = outer * length * inner;
        const out = isFloat ? new Float32Array(total) : new Int32Array(total);
        const [got] = runInParts("iota", [out], [outer, length, inner, isFloat], [0]);
        expect(got).toEqual(out.map((_, i) => Math.floor(i / inner) % length));
      }),
    );
  });
});
