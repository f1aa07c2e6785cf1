import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import {
  formatVerdict,
  verifyCase,
  type CaseRunner,
  type GoldenCase,
} from "../../src/verify/index.ts";

export const f32 = (shape: number[], values: number[]): Tensor =>
  tensorFrom("f32", shape, Float32Array.from(values));
export const i32 = (shape: number[], values: number[]): Tensor =>
  tensorFrom("i32", shape, Int32Array.from(values));
export const range = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.fround(0.1 * (i + 1)));

/** A made-up case of lucidrains' attention: 1 group, 4 positions, width 2, 1 round. */
export function smallCase(
  change: Partial<Record<string, Tensor>> = {},
  description: object = {},
): GoldenCase {
  const tensors = new Map<string, Tensor>([
    ["input.qk", f32([1, 4, 2], range(8))],
    ["input.v", f32([1, 4, 2], range(8))],
    ["input.grad_output", f32([1, 4, 2], range(8))],
    ["rotations", f32([1, 2, 1, 2], range(4))],
    ["buckets", i32([1, 4], [0, 1, 2, 3])],
    ["expected.out", f32([1, 4, 2], range(8))],
    ["expected64.out", f32([1, 4, 2], range(8))],
    ...["grad", "grad64"].flatMap((g) =>
      ["qk", "v"].map((name): [string, Tensor] => [`${g}.${name}`, f32([1, 4, 2], range(8))]),
    ),
  ]);
  for (const [name, tensor] of Object.entries(change)) if (tensor) tensors.set(name, tensor);
  const listed = [...tensors].map(([name, tensor]) => [name, { shape: [...tensor.shape] }]);
  return {
    name: "small",
    kind: "lucidrains/LSHAttention",
    description: {
      family: "lucidrains",
      class: "LSHAttention",
      options: { causal: true },
      tensors: Object.fromEntries(listed),
      ...description,
    },
    weights: new Map(),
    tensors,
  };
}

/** Answers with what the case expects, changed by `edit`: stands for an implementation, right or wrong. */
export function echo(edit: (results: Map<string, Tensor>) => void = () => undefined): CaseRunner {
  return {
    kinds: [
      "lucidrains/LSHAttention",
      "hf/LSHSelfAttention",
      "hf/LocalSelfAttention",
      "hf/AxialPositionEmbeddings",
      "hf/ReformerLayer in _ReversibleFunction",
      "hf/ReformerModelWithLMHead",
    ],
    features: new Set([
      "attention mask",
      "bidirectional attention",
      "windows of other sizes",
      "factorised bucket counts",
      "learned positions",
    ]),
    run: (golden) => {
      const results = new Map<string, Tensor>();
      for (const [name, tensor] of golden.tensors) {
        const output = /^expected64\.(.*)$/.exec(name);
        const gradient = /^grad64\.(.*)$/.exec(name);
        const once = /^(expected|grad)\.(?!embedding_output|layer\.\d)(.*)$/.exec(name);
        if (once && typeof golden.description.test === "string")
          results.set(once[1] === "grad" ? name : once[2], tensor);
        else if (output) results.set(output[1], tensor);
        else if (gradient) results.set(`grad.${gradient[1]}`, tensor);
        else if (/^buckets|^(train|eval)\.(out|grad\.)/.test(name)) results.set(name, tensor);
      }
      edit(results);
      return Promise.resolve(results);
    },
  };
}

export const changed = (tensor: Tensor, index: number, by: number): Tensor => {
  const words = tensor.dataSync();
  words[index] += by;
  return tensorFrom(tensor.dtype, tensor.shape, words);
};

export const line = async (golden: GoldenCase, runner = echo()): Promise<string> =>
  formatVerdict(await verifyCase(golden, [runner]));
