/** What a program computes, one distinct operation after another, and by how much a device may be off. */
import { formatAvals } from "../../../src/core/aval.ts";
import { Tensor } from "../../../src/core/tensor.ts";
import { wordsOf, type Words } from "../../../src/core/dtype.ts";
import { sizeOf } from "../../../src/core/shape.ts";
import type { Equation } from "../../../src/ir/program.ts";
import { agree, closeTo, sameValues } from "../../primitives/laws/comparison.ts";
import { interpret } from "../../support/interpret.ts";
import type { Step } from "../../support/model-plans.ts";
import { flushed } from "./law-subjects.ts";

export interface Operation {
  readonly equation: Equation;
  readonly operands: readonly Tensor[];
}

/** Adds what differs from all before in primitive, params or types. */
export function harvest({ program, inputs }: Step, found: Map<string, Operation>): void {
  const words = inputs.map((tensor) => tensor.words());
  interpret(program, words, (equation, operands) => {
    const name = nameOf(equation);
    if (found.has(name)) return;
    const tensors = operands.map((each, i) => new Tensor(equation.inputs[i].aval, each.slice()));
    found.set(name, { equation, operands: tensors });
  });
}

const nameOf = ({ primitive, params, inputs }: Equation): string =>
  `${primitive.name} ${JSON.stringify(params)} of ${formatAvals(inputs.map(({ aval }) => aval))}`;

/** Throws unless the results are those of the reference implementation, up to what the order of sums decides. */
export function checkOperation({ equation, operands }: Operation, got: readonly Tensor[]): void {
  const from = operands.map(flushed);
  const expected = referenceOf(equation, from).map(flushed);
  const magnitudes = summed.has(equation.primitive.name)
    ? referenceOf(equation, from.map(magnitudeOf))
    : undefined;
  expected.forEach((result, i) => {
    const what = `result ${i} of ${nameOf(equation)}`;
    if (result.dtype !== "f32") return sameValues(got[i], result, what);
    if (!magnitudes) return agree(got[i], result, ofLargest(equation.primitive.name), what);
    const bounds = magnitudes[i].words().map((sum) => sum * factorOf(equation, result));
    return closeTo(got[i].words(), result.words(), bounds, what);
  });
}

function referenceOf(
  { primitive: { reference, name }, params, outputs }: Equation,
  operands: readonly Tensor[],
): readonly Tensor[] {
  if (reference === "byProgram") throw new Error(`${name} has no reference implementation`);
  const results = outputs.map(({ aval }) => ({
    aval,
    words: wordsOf(aval.dtype, new ArrayBuffer(4 * sizeOf(aval.shape))),
  }));
  reference(
    operands.map((tensor) => ({ aval: tensor.aval, words: tensor.words() })),
    results,
    params,
  );
  return results.map(({ aval, words }) => new Tensor(aval, words));
}

/** Sums, whose error is a share of the sum of what they add up, without signs. */
const summed = new Set(["dotGeneral", "reduceSum", "cumSum", "scatterAdd"]);

const magnitudeOf = (tensor: Tensor): Tensor =>
  tensor.dtype === "f32" ? new Tensor(tensor.aval, magnitudesOf(tensor.words())) : tensor;

const magnitudesOf = (words: Words): Words => words.map((x) => Math.abs(x));

/** By the number of terms: a product's error grows with their root, a tree's with their logarithm. */
function factorOf({ primitive, inputs }: Equation, result: Tensor): number {
  const sizes = inputs.map(({ aval }) => sizeOf(aval.shape));
  if (primitive.name === "dotGeneral") {
    const terms = Math.sqrt((sizes[0] * sizes[1]) / Math.max(1, result.size));
    return 2 ** -22 * Math.sqrt(terms);
  }
  const most = Math.max(...sizes);
  return 2 ** -24 * (Math.log2(most) + 8);
}

/** Shares of the largest element; what is not here has the bits of its reference. */
const shares: Readonly<Record<string, number>> = {
  layerNorm: 3e-6,
  layerNormBackward: 3e-6,
  softmaxCrossEntropy: 3e-6,
  softmaxCrossEntropyBackward: 3e-6,
  jointAttention: 5e-6,
  jointAttentionBackward: 2e-5,
  chunkedAttention: 5e-6,
  chunkedAttentionBackward: 2e-5,
};

const ofLargest = (name: string): number => shares[name] ?? 0;
