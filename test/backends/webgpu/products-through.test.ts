/*
 * Products whose results go through what is behind them before they are stored, and words that are read and written four at a
 * time: the same bits as step by step, word by word. Few products: a driver for CPUs compiles each for a second.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { gpuTarget } from "../../../src/backends/webgpu/target.ts";
import type { WebGpuBackend } from "../../../src/backends/webgpu/index.ts";
import { init, jit, toHost, type Tensor, type Value } from "../../../src/index.ts";
import { setBackend, type Backend } from "../../../src/ir/backend.ts";
import { stage } from "../../../src/ir/builder.ts";
import { fixedAdd, toFixed } from "../../../src/ir/ops.ts";
import { sliceInDim } from "../../../src/lax/index.ts";
import * as nn from "../../../src/nn/index.ts";
import * as np from "../../../src/numpy/index.ts";
import { defaultFlags, planProgram } from "../../../src/plan/index.ts";
import { f32 } from "../../support/arrays.ts";
import { normals } from "../../support/random-data.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice } from "../../support/webgpu-device.ts";

type Shapes = readonly (readonly number[])[];
interface Case {
  readonly shapes: Shapes;
  readonly compute: (...inputs: readonly Value[]) => Value | readonly Value[];
  /** Products that are stored all the same. */
  readonly left?: number;
}

const bits = 20;
const matmul = np.matmul;
/** What feed-forward layers, heads and streams do. */
const cases: Readonly<Record<string, Case>> = {
  "bias and gelu, in fours": {
    shapes: [[20, 12], [12, 24], [24]],
    compute: (x, w, b) => nn.gelu(np.add(matmul(x, w), b)),
  },
  "bias and gelu, rows of 23": {
    shapes: [[20, 12], [12, 23], [23]],
    compute: (x, w, b) => nn.gelu(np.add(matmul(x, w), b)),
  },
  "a contribution to a stream, in batches": {
    shapes: [
      [2, 9, 8],
      [2, 8, 4],
      [2, 9, 4],
    ],
    compute: (x, w, y) => fixedAdd(toFixed(y, bits), toFixed(matmul(x, w), bits)),
  },
  "a residual that is the product's operand, from the right side": {
    shapes: [
      [16, 16],
      [16, 16],
    ],
    compute: (w, x) => np.add(x, matmul(w, np.transpose(x))),
  },
  "two products in one sum, and two results of it": {
    shapes: [
      [6, 5],
      [5, 8],
      [5, 8],
    ],
    compute: (x, v, w) => {
      const sum = np.add(matmul(x, v), matmul(x, w));
      return [np.multiply(sum, 3), np.greater(sum, 0)];
    },
    left: 1,
  },
  "a product that somebody else reads stays": {
    shapes: [
      [6, 5],
      [5, 8],
    ],
    compute: (x, w) => {
      const product = matmul(x, w);
      return [np.add(product, 1), np.sum(product, 0)];
    },
    left: 1,
  },
};

const inputsOf = (shapes: Shapes): readonly Tensor[] =>
  shapes.map((shape, i) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return f32(shape, [...normals(i + 1, count)]);
  });

async function wordsOf(backend: Backend, { shapes, compute }: Case): Promise<readonly unknown[]> {
  setBackend(backend);
  const run = jit((...inputs: readonly Value[]) => [compute(...inputs)].flat());
  const results = run(...inputsOf(shapes)) as readonly Value[] as readonly Tensor[];
  return (await toHost(results)).map((result) => result.words());
}

await describeWithDevice("fewer and wider kernels", () => {
  let apart: WebGpuBackend;
  let together: WebGpuBackend;
  beforeAll(async () => {
    [apart, together] = await Promise.all([
      openWebGpu({ fuseProductsFrom: 2 ** 40, quadsFrom: 2 ** 40 }),
      openWebGpu({ fuseProductsFrom: 0, quadsFrom: 0 }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([apart.dispose(), together.dispose()]);
    await init("reference");
  });

  it.each(Object.entries(cases))("%s", { timeout: 120_000 }, async (_, each) => {
    const expected = await wordsOf(apart, each);
    expect(await wordsOf(together, each)).toEqual(expected);
    const reference = await wordsOf(await init("reference"), each);
    reference.forEach((words, i) => {
      const close = [...(words as Float32Array)].map((x) => expect.closeTo(x, 4) as unknown);
      if (words instanceof Float32Array) expect([...(expected[i] as Float32Array)]).toEqual(close);
    });
  });

  it.each(Object.entries(cases))("is one call: %s", (_, { shapes, compute, left = 0 }) => {
    setBackend(apart);
    const { program } = stage(
      (...inputs) => [compute(...inputs)].flat(),
      inputsOf(shapes).map(({ aval }) => aval),
    );
    const namesOf = (fuseProductsFrom: number): readonly string[] => {
      const { target, kernelOf } = gpuTarget({ fuseProductsFrom });
      return planProgram(program, target, defaultFlags).main.steps.flatMap(({ body }) =>
        body.kind === "kernel" ? [kernelOf(body).name] : [],
      );
    };
    const stored = (names: readonly string[]): number =>
      names.filter((name) => name === "matmul").length;
    const products = stored(namesOf(2 ** 40));
    const fused = namesOf(0);
    expect(stored(fused)).toBe(left);
    expect(fused.filter((name) => name.startsWith("matmul("))).toHaveLength(products - left);
  });

  it("elements that are read in every way, four at a time", { timeout: 120_000 }, async () => {
    const size = fc.constantFrom(1, 2, 3, 4, 5, 8, 12);
    const axis = fc.constantFrom("whole", "one", "turned", "part") as fc.Arbitrary<Axis>;
    const operand = fc.tuple(axis, axis, fc.boolean());
    const cases = fc.tuple(size, size, operand, operand);
    await fc.assert(
      fc.asyncProperty(cases, async ([rows, columns, one, other]) => {
        const shapes = [one, other].map(([a, b, isTurned]) => {
          const shape = [lengthOf(a, rows), lengthOf(b, columns)];
          return isTurned ? shape.toReversed() : shape;
        });
        const each: Case = {
          shapes,
          compute: (x, y) => {
            const [a, b] = [
              viewOf(x, one, [rows, columns]),
              viewOf(y, other, [rows, columns]),
            ] as const;
            const sum = np.add(np.multiply(a, b), a);
            return [sum, np.less(sum, b), toFixed(sum, bits)];
          },
        };
        expect(await wordsOf(together, each)).toEqual(await wordsOf(apart, each));
      }),
      { numRuns: 25 },
    );
  });
});

type Axis = "whole" | "one" | "turned" | "part";
const lengthOf = (axis: Axis, size: number): number =>
  ({ whole: size, one: 1, turned: size, part: size + 4 })[axis];

/** An operand of rows and columns: transposed, turned around, of a larger one, or one for all. */
function viewOf(
  x: Value,
  [rows, columns, isTransposed]: readonly [Axis, Axis, boolean],
  sizes: readonly [number, number],
): Value {
  const kinds = [rows, columns];
  return kinds.reduce<Value>(
    (value, kind, axis) => {
      if (kind === "turned") return np.flip(value, axis);
      if (kind !== "part") return value;
      return sliceInDim(value, 4, 4 + sizes[axis], axis);
    },
    isTransposed ? np.transpose(x) : x,
  );
}
