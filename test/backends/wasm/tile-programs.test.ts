import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileTileProgram } from "../../../src/backends/wasm/tile-program.ts";
import { BackendError } from "../../../src/core/errors.ts";
import type { Words } from "../../../src/core/dtype.ts";
import {
  applyOp,
  constantExpression,
  inputExpression,
  scalarOps,
  type Expression,
  type ScalarOp,
  type ScalarType,
} from "../../../src/ir/expression.ts";
import type { TileCluster } from "../../../src/backends/wasm/tile-program.ts";
import { uniforms } from "../../ir/scalar/oracle.ts";
import { kernelInstance } from "../../support/kernel-instance.ts";
import { checkCluster, evaluateCluster, firstDifference, wordsFor } from "./tile-reference.ts";

const types: readonly ScalarType[] = ["f32", "i32", "u32", "bool"];
const f32 = (index: number): Expression => inputExpression(index, "f32");

const words = (type: ScalarType, count: number, seed: number): Words => {
  const random = uniforms(seed);
  return wordsFor(
    type,
    Array.from({ length: count }, () =>
      type === "bool"
        ? Math.round(random())
        : type === "f32"
          ? 20 * random() - 10
          : random() * 2 ** 32 - 2 ** 31,
    ),
  );
};

/** A cluster over contiguous f32 inputs. */
const floatCluster = (
  size: number,
  inputs: number,
  outputs: readonly Expression[],
): TileCluster => ({
  shape: [size],
  inputs: Array.from({ length: inputs }, () => ({
    type: "f32",
    view: { offset: 0, strides: [1] },
  })),
  outputs,
});

interface Recipe {
  readonly op: ScalarOp;
  /** Which earlier value of the needed type each operand is. */
  readonly choices: readonly number[];
}

/** Expressions that share parts, over four inputs of every type, two constants of every type among the leaves. */
/** The bits of a NaN are nobody's promise: engines and processors make different ones. */
const withoutNaN = (x: Expression): Expression =>
  applyOp("selectF32", applyOp("eqF32", x, x), x, constantExpression(0, "f32"));

function growGraph(recipes: readonly Recipe[]): { readonly all: readonly Expression[] } {
  const pools = new Map<ScalarType, Expression[]>(
    types.map((type, t) => [
      type,
      [
        ...[0, 1, 2, 3].map((i) => inputExpression(4 * t + i, type)),
        constantExpression(1, type),
        constantExpression(type === "bool" ? 0 : 3.25, type),
      ],
    ]),
  );
  const all: Expression[] = [];
  for (const { op, choices } of recipes) {
    const signature: readonly ScalarType[] = scalarOps[op];
    const operands = signature.slice(0, -1).map((type, i) => {
      const pool = pools.get(type) ?? [];
      return pool[pool.length - 1 - (choices[i] % pool.length)];
    });
    const made =
      op === "bitsF32ToU32" ? applyOp(op, withoutNaN(operands[0])) : applyOp(op, ...operands);
    pools.get(made.type)?.push(made);
    all.push(made);
  }
  return { all };
}

describe("programs", () => {
  it("random graphs of all operations and views have the bits of their formulas", () => {
    const recipe = fc.record({
      op: fc.constantFrom(...(Object.keys(scalarOps) as ScalarOp[])),
      choices: fc.array(fc.nat(9), { minLength: 3, maxLength: 3 }),
    });
    const graph = fc.array(recipe, { minLength: 1, maxLength: 60 });
    const sizes = fc.constantFrom([1, 1], [3, 1], [1, 17], [33, 31], [2, 1025], [13, 100]);
    const strides = fc.array(fc.constantFrom("whole", "row", "column", "one", "transposed"), {
      minLength: 16,
      maxLength: 16,
    });
    fc.assert(
      fc.property(
        graph,
        sizes,
        strides,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (recipes, shape, kinds, parts, seed) => {
          const { all } = growGraph(recipes);
          const [rows, columns] = shape;
          const viewStrides = {
            whole: [columns, 1],
            row: [0, 1],
            column: [1, 0],
            one: [0, 0],
            transposed: [1, rows],
          };
          const inputs = kinds.map((kind, i) => ({
            type: types[i >> 2],
            view: { offset: 0, strides: viewStrides[kind] },
          }));
          const outputs = all.filter(
            (_, i) => i === all.length - 1 || (seed >> (i % 24)) % 4 === 1,
          );
          const data = inputs.map(({ type }, i) => words(type, rows * columns, seed + i));
          checkCluster({ shape, inputs, outputs }, data, parts);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("outputs that are operands, constants or one another", () => {
    const sum = applyOp("addF32", f32(0), f32(1));
    const outputs = [
      f32(1),
      constantExpression(-0, "f32"),
      sum,
      f32(0),
      sum,
      applyOp("bitsF32ToU32", f32(0)),
    ];
    const data = [words("f32", 2050, 1), words("f32", 2050, 2)];
    checkCluster(floatCluster(2050, 2, outputs), data, 2);
  });

  it("an operand may be strided and an output", () => {
    const shape = [20, 30];
    const inputs = [{ type: "f32", view: { offset: 0, strides: [1, 20] } }] as const;
    checkCluster({ shape, inputs, outputs: [f32(0), applyOp("negF32", f32(0))] }, [
      words("f32", 600, 9),
    ]);
  });

  it("fused products round twice", () => {
    const product = (): Expression => applyOp("mulF32", f32(0), f32(1));
    const outputs = [
      applyOp("addF32", product(), f32(2)),
      applyOp("addF32", f32(2), applyOp("mulF32", f32(1), f32(2))),
      applyOp("subF32", applyOp("mulF32", f32(0), f32(0)), f32(2)),
      applyOp("subF32", f32(2), applyOp("mulF32", f32(2), f32(0))),
    ];
    checkCluster(floatCluster(1000, 3, outputs), [
      words("f32", 1000, 1),
      words("f32", 1000, 2),
      words("f32", 1000, 3),
    ]);
  });

  it("clusters with hundreds of live values run in smaller tiles", () => {
    const leaves = Array.from({ length: 200 }, (_, i) =>
      applyOp(
        "mulF32",
        applyOp("addF32", f32(i % 20), constantExpression(i, "f32")),
        f32((i * 7) % 20),
      ),
    );
    const folded = leaves.slice(1).reduceRight((a, b) => applyOp("subF32", b, a), leaves[0]);
    const again = leaves.slice(1).reduce((a, b) => applyOp("maxF32", a, b), leaves[0]);
    const data = Array.from({ length: 20 }, (_, i) => words("f32", 700, i));
    checkCluster(floatCluster(700, 20, [folded, again]), data);
  });

  it("a cluster that does not fit is refused with its size", () => {
    const outputs = Array.from({ length: 1500 }, (_, i) =>
      applyOp("addF32", f32(0), constantExpression(i, "f32")),
    );
    expect(() => compileTileProgram(floatCluster(10, 1, outputs))).toThrow(BackendError);
    expect(() => compileTileProgram(floatCluster(10, 1, outputs))).toThrow(
      /too large for the tile VM.*Split/,
    );
  });

  it("equal expressions are computed once", () => {
    const make = (): Expression => applyOp("expF32", applyOp("mulF32", f32(0), f32(0)));
    const instructionsOf = (outputs: readonly Expression[]): number =>
      compileTileProgram(floatCluster(10, 1, outputs))[5];
    const sum = applyOp("addF32", make(), f32(0));
    expect(instructionsOf([sum])).toBe(3);
    expect(instructionsOf([applyOp("addF32", make(), make())])).toBe(3);
    // The sum reads an operand whose storage the other output may have: one more instruction, a copy.
    expect(instructionsOf([sum, make()])).toBe(4);
  });
});

/** Runs a cluster over contiguous words with every buffer at its address. */
function runAt(
  { memory, kernel }: ReturnType<typeof kernelInstance>,
  cluster: TileCluster,
  addresses: readonly number[],
  inputs: readonly Words[],
  parts: number,
): readonly Words[] {
  const args = 3 << 20;
  const { outputs } = cluster;
  inputs.forEach((input, i) => {
    new Uint32Array(memory.buffer, addresses[outputs.length + i], input.length).set(
      new Uint32Array(input.buffer),
    );
  });
  const program = compileTileProgram(cluster);
  new Uint32Array(memory.buffer, args, addresses.length).set(addresses);
  new Int32Array(memory.buffer, args + 4 * addresses.length, program.length).set(program);
  for (let part = parts - 1; part >= 0; part--) kernel("elementwise")(args, part, parts);
  return outputs.map(({ type }, o) => {
    const size = inputs[0].length;
    const out = wordsFor(type, size);
    new Uint32Array(out.buffer).set(new Uint32Array(memory.buffer, addresses[o], size));
    return out;
  });
}

function expectEqual(expected: readonly Words[], got: readonly Words[]): void {
  expected.forEach((output, i) => expect([i, firstDifference(output, got[i])]).toEqual([i, -1]));
}

describe("addresses", () => {
  const size = 3333;
  const data = [words("f32", size, 1), words("f32", size, 2), words("f32", size, 3)];

  it("outputs may lie on contiguous operands, in any pairing", () => {
    const machine = kernelInstance(64);
    const [a, b, c] = [0, 1, 2].map(f32);
    const shared = applyOp("mulF32", applyOp("expF32", a), b);
    const clusters = [
      [applyOp("addF32", a, b), applyOp("subF32", b, a), applyOp("mulF32", c, a)],
      [b, c, a],
      [shared, applyOp("addF32", shared, c), applyOp("divF32", shared, a)],
      [applyOp("sinF32", c), applyOp("cosF32", c), c],
    ];
    const places = [0, 1, 2].map((i) => (2 << 16) + (3 << 20) + i * 16384);
    for (const outputs of clusters) {
      const cluster = floatCluster(size, 3, outputs);
      const expected = evaluateCluster(cluster, data);
      for (const order of [
        [0, 1, 2],
        [1, 2, 0],
        [2, 1, 0],
      ]) {
        for (const parts of [1, 3]) {
          const addresses = [...order.map((i) => places[i]), ...places];
          expectEqual(expected, runAt(machine, cluster, addresses, data, parts));
        }
      }
    }
  });

  it("may be above 2 GiB", () => {
    const base = 2 ** 31;
    const machine = kernelInstance(32768 + 8);
    const outputs = [applyOp("addF32", f32(0), f32(1)), applyOp("powF32", f32(1), f32(2))];
    const cluster: TileCluster = {
      shape: [size],
      inputs: [
        { type: "f32", view: { offset: 0, strides: [1] } },
        { type: "f32", view: { offset: size - 1, strides: [-1] } },
        { type: "f32", view: { offset: 4, strides: [0] } },
      ],
      outputs,
    };
    // The last buffer ends with the memory: nothing may be read beyond it.
    const last = machine.memory.buffer.byteLength - size * 4;
    const addresses = [base - 65536, base + 16, base + 32768, base + 2 * 32768, last];
    expectEqual(evaluateCluster(cluster, data), runAt(machine, cluster, addresses, data, 2));
  });
});
