import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matmulWorkspaceWords, sharedOperand } from "../../../src/backends/wasm/calls/matmul.ts";
import type { Words } from "../../../src/core/dtype.ts";
import { randomFloats, randomIntegers } from "../../support/random-words.ts";
import { bitsOf, run, runInParts, SingleKernels, workspace } from "../../support/kernels.ts";

type Layout = "rows" | "columns" | "spread";

interface Product {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Layout;
  readonly b: Layout;
  /** The operand is the same for the whole batch. */
  readonly sharedB: boolean;
  readonly seed: number;
}

const notPacked = 0;
const packed = 1;

/** Words of a spread operand per element. */
const spread = 6;

interface Strides {
  readonly batch: number;
  readonly row: number;
  readonly column: number;
}

/** Strides of a rows x columns matrix that lies by rows, by columns (transposed) or with gaps. */
function stridesOf(layout: Layout, rows: number, columns: number, shared: boolean): Strides {
  const batch = shared ? 0 : rows * columns;
  if (layout === "rows") return { batch, row: columns, column: 1 };
  if (layout === "columns") return { batch, row: 1, column: rows };
  return { batch: spread * batch, row: 3 * columns, column: 2 };
}

type Fill = (size: number, seed: number) => Float32Array;

/** Products and sums of few of these are exact, however they round. */
const smallIntegers: Fill = (size, seed) => Float32Array.from(randomIntegers(size, -8, 8, seed));

function operandsOf(product: Product, fill: Fill = randomFloats) {
  const { batch, m, n, k, a, b, sharedB, seed } = product;
  const [aStrides, bStrides] = [stridesOf(a, m, k, false), stridesOf(b, k, n, sharedB)];
  return {
    aStrides,
    bStrides,
    aWords: fill((a === "spread" ? spread : 1) * batch * m * k, seed),
    bWords: fill((b === "spread" ? spread : 1) * batch * k * n, seed + 1),
    immediates: [batch, m, n, k]
      .concat([aStrides.batch, aStrides.row, aStrides.column])
      .concat([bStrides.batch, bStrides.row, bStrides.column])
      .concat(notPacked),
  };
}

type Operands = ReturnType<typeof operandsOf>;

type Kernels = Pick<SingleKernels, "runInParts">;

/** The order that the kernel promises, in f32: blocks of 256 from zero, then their sum. */
function productPlainly(product: Product, operands: Operands): Float32Array {
  const { batch, m, n, k } = product;
  const { aStrides, bStrides, aWords, bWords } = operands;
  const out = new Float32Array(batch * m * n);
  for (let i = 0; i < out.length; i++) {
    const matrix = Math.floor(i / (m * n));
    const a = matrix * aStrides.batch + (Math.floor(i / n) % m) * aStrides.row;
    const b = matrix * bStrides.batch + (i % n) * bStrides.column;
    for (let block = 0; block < k; block += 256) {
      let sum = 0;
      for (let p = block; p < Math.min(k, block + 256); p++) {
        const term = Math.fround(aWords[a + p * aStrides.column] * bWords[b + p * bStrides.row]);
        sum = Math.fround(sum + term);
      }
      out[i] += sum;
    }
  }
  return out;
}

const strict = { runInParts };
const relaxed = await SingleKernels.create("relaxed");

function expectProduct(product: Product, kernels: Kernels = strict, fill?: Fill): void {
  const { batch, m, n, k } = product;
  const operands = operandsOf(product, fill);
  const { aWords, bWords, immediates } = operands;
  const out = new Float32Array(batch * m * n).fill(7);
  const buffers = [aWords, bWords, out, workspace(matmulWorkspaceWords({ m, n, k }))];
  const got = kernels.runInParts("matmul", buffers, immediates, [2])[2];
  const expected = bitsOf(productPlainly(product, operands));
  expect(bitsOf(got)).toEqual(expected);
  if (!mayBePacked(product)) return;
  expect(bitsOf(packedProduct(product, operands, out, kernels))).toEqual(expected);
}

/** Whether all parts may read one packed operand. */
function mayBePacked({ batch, m, n, k, sharedB }: Product): boolean {
  const isOne = batch === 1 || (sharedB && sharedOperand({ m, n, k }).side === "right");
  return Math.min(m, n) > 4 && k > 0 && batch > 0 && isOne;
}

/** The product with the operand that all parts read packed once. */
function packedProduct(
  { m, n, k }: Product,
  operands: Operands,
  out: Float32Array,
  kernels: Kernels,
): Words {
  const { aWords, bWords, aStrides, bStrides, immediates } = operands;
  const { side, lanes, packedWords } = sharedOperand({ m, n, k });
  const [operand, laneStride, kStride] =
    side === "left"
      ? [aWords, aStrides.row, aStrides.column]
      : [bWords, bStrides.column, bStrides.row];
  const lanesOf = [lanes, k, laneStride, kStride, Number(side === "right")];
  const packing = [operand, workspace(packedWords)];
  const panels = kernels.runInParts("packMatrix", packing, lanesOf, [1])[1];
  const space = workspace(matmulWorkspaceWords({ m, n, k }, true));
  space.set(panels);
  const withPanels = [...immediates.slice(0, -1), packed];
  return kernels.runInParts("matmul", [aWords, bWords, out, space], withPanels, [2])[2];
}

const sizes = fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 64, 65);
const layouts = fc.constantFrom<Layout>("rows", "columns", "spread");
const products = fc.record<Product>({
  batch: fc.constantFrom(0, 1, 1, 2, 3, 7),
  m: sizes,
  n: sizes,
  k: sizes,
  a: layouts,
  b: layouts,
  sharedB: fc.boolean(),
  seed: fc.integer({ min: 0, max: 1000 }),
});

const contiguous = { batch: 1, a: "rows", b: "rows", sharedB: false, seed: 5 } as const;

describe("matmul", () => {
  test("gives the bits of the plain loop in every layout, with any number of parts", () => {
    fc.assert(
      fc.property(products, (product) => {
        expectProduct(product);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    [3, 1030, 5],
    [1, 600, 300],
    [600, 1, 300],
    [530, 4, 257],
    [257, 65, 513],
    [5, 9, 1024],
    [200, 17, 256],
    [9, 521, 70],
    [1030, 40, 260],
    [40, 1030, 520],
  ])("crosses the borders of blocks: %i x %i x %i", (m, n, k) => {
    expectProduct({ ...contiguous, m, n, k });
    expectProduct({ ...contiguous, m, n, k, a: "columns", b: "columns" });
  });

  test.each(["rows", "columns", "spread"] as const)(
    "relaxed, is exact where rounding cannot matter, with operands by %s",
    (layout) => {
      const wide = fc.constantFrom(1, 5, 8, 31, 95, 96, 97, 100, 104, 107, 108, 109, 112, 113, 520);
      const shapes = fc.record({ m: wide, n: wide, k: fc.constantFrom(1, 3, 8, 13, 256, 263) });
      fc.assert(
        fc.property(shapes, fc.boolean(), layouts, (shape, isBatch, b) => {
          const batch = isBatch && shape.m * shape.n < 1e4 ? 3 : 1;
          const product = { ...contiguous, ...shape, batch, sharedB: isBatch, a: layout, b };
          expectProduct(product, relaxed, smallIntegers);
        }),
        { numRuns: 60 },
      );
    },
  );

  test("a row of a product has the bits that it has alone", () => {
    const [m, n, k] = [203, 77, 300];
    const { aWords, bWords } = operandsOf({ ...contiguous, m, n, k });
    const multiply = (rows: Float32Array): Float32Array => {
      const count = rows.length / k;
      const buffers = [
        rows,
        bWords,
        new Float32Array(count * n),
        workspace(matmulWorkspaceWords({ m: count, n, k })),
      ];
      return run("matmul", buffers, [
        1,
        count,
        n,
        k,
        0,
        k,
        1,
        0,
        n,
        1,
        notPacked,
      ])[2] as Float32Array;
    };
    const whole = multiply(aWords.slice(0, m * k));
    for (const row of [0, 1, 95, 96, 202]) {
      const alone = multiply(aWords.slice(row * k, (row + 1) * k));
      expect(bitsOf(alone)).toEqual(bitsOf(whole.slice(row * n, (row + 1) * n)));
    }
  });

  test("is close to the product in float64", () => {
    const [m, n, k] = [70, 90, 1000];
    const { aWords, bWords, immediates } = operandsOf({ ...contiguous, m, n, k });
    const out = new Float32Array(m * n);
    const space = workspace(matmulWorkspaceWords({ m, n, k }));
    const got = run("matmul", [aWords, bWords, out, space], immediates)[2];
    for (let i = 0; i < m * n; i += 37) {
      let exact = 0;
      for (let p = 0; p < k; p++) {
        exact += aWords[Math.floor(i / n) * k + p] * bWords[p * n + (i % n)];
      }
      expect(Math.abs(got[i] - exact)).toBeLessThan(2e-3);
    }
  });
});
