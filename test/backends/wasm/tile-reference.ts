/** The tile VM's oracle: expressions evaluated element by element in JavaScript. */
import type { Words } from "../../../src/core/dtype.ts";
import { sizeOf, stridesOf, type Shape } from "../../../src/core/shape.ts";
import { compileTileProgram } from "../../../src/backends/wasm/tile-program.ts";
import type { ScalarType } from "../../../src/ir/expression.ts";
import { compileExpression } from "../../../src/ir/scalar/evaluate.ts";
import type { TileCluster } from "../../../src/backends/wasm/tile-program.ts";
import { bitsOf, run } from "../../support/kernels.ts";

/** The typed array through which elements of a scalar type are canonical numbers. */
export function wordsFor(type: ScalarType, from: number | readonly number[]): Words {
  const make = { f32: Float32Array, u32: Uint32Array, i32: Int32Array, bool: Int32Array }[type];
  return typeof from === "number" ? new make(from) : new make(from);
}

/** Outputs of the cluster as the formulas give them. */
export function evaluateCluster(cluster: TileCluster, inputs: readonly Words[]): readonly Words[] {
  const size = sizeOf(cluster.shape);
  const positions = cluster.inputs.map(({ view }) => elementPositions(cluster.shape, view));
  return cluster.outputs.map((expression) => {
    const compute = compileExpression(expression);
    const out = wordsFor(expression.type, size);
    for (let i = 0; i < size; i++)
      out[i] = compute(inputs.map((words, k) => words[positions[k](i)]));
    return out;
  });
}

function elementPositions(
  shape: Shape,
  view: TileCluster["inputs"][number]["view"],
): (element: number) => number {
  const rowMajor = stridesOf(shape);
  return (element) =>
    shape.reduce(
      (position, n, axis) =>
        position + (Math.floor(element / rowMajor[axis]) % n) * view.strides[axis],
      view.offset,
    );
}

/** Outputs of the cluster as the compiled kernel gives them. */
export function runCluster(
  cluster: TileCluster,
  inputs: readonly Words[],
  parts = 1,
): readonly Words[] {
  const outputs = cluster.outputs.map(({ type }) => wordsFor(type, sizeOf(cluster.shape)));
  const program = compileTileProgram(cluster);
  return run("elementwise", [...outputs, ...inputs], program, parts).slice(0, outputs.length);
}

/** Position of the first element whose bits differ, all NaNs being equal; -1 when there is none. */
export function firstDifference(a: Words, b: Words): number {
  const x = bitsOf(a);
  const y = bitsOf(b);
  const isFloat = a instanceof Float32Array;
  return x.findIndex(
    (word, i) => word !== y[i] && !(isFloat && Number.isNaN(a[i]) && Number.isNaN(b[i])),
  );
}

/** Throws unless kernel and formulas agree to the bit. */
export function checkCluster(cluster: TileCluster, inputs: readonly Words[], parts = 1): void {
  const expected = evaluateCluster(cluster, inputs);
  const got = runCluster(cluster, inputs, parts);
  expected.forEach((words, output) => {
    const at = firstDifference(words, got[output]);
    if (at < 0) return;
    const operands = inputs.map((input) => input[at]).join(", ");
    throw new Error(
      `output ${output} differs at ${at}: formulas give ${words[at]}, the kernel ${got[output][at]}` +
        ` (inputs there, if contiguous: ${operands})`,
    );
  });
}
