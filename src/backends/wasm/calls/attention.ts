import { floatBits } from "../../../core/dtype.ts";
import { sizeOf } from "../../../core/shape.ts";
import { sizesOf, withKeys, type JointAttentionParams } from "../../../ir/attention.ts";
import {
  bytesOfWords,
  fillStep,
  inputBuffer,
  outputBuffer,
  updatedBuffer,
  workspaceBuffer,
  type BufferReference,
  type KernelRequest,
} from "../../../plan/index.ts";
import { attentionImmediates } from "./attention-immediates.ts";
import {
  attentionBackwardWorkspaceWords,
  attentionWorkspaceWords,
  backwardCalls,
} from "./attention-workspace.ts";
import type { Recipes } from "./recipe.ts";

/** How the attention kernels are called; see docs/design/kernels.md. */
export const attentionRecipes: Recipes = {
  chunkedAttention: ({ params, inputs }, { parts }) => {
    const sizes = sizesOf(inputs);
    const buffers = [...operands(inputs), outputBuffer(0), outputBuffer(1), workspaceBuffer(0)];
    const immediates = attentionImmediates(params, sizes);
    return {
      steps: [{ kernel: "chunkedAttention", buffers, immediates }],
      workspaceBytes: bytesOfWords(attentionWorkspaceWords(params, sizes, parts)),
    };
  },

  chunkedAttentionBackward: (request, { parts }) => {
    const { params, inputs, outputs } = request;
    const sizes = sizesOf(inputs);
    const buffers = [...operands(inputs), ...results(request), workspaceBuffer(0)];
    const immediates = attentionImmediates(params, sizes);
    const calls = backwardCalls(params, sizes);
    return {
      steps: [
        // The kernel adds to its results.
        ...outputs.map(({ shape }, i) => fillStep(i, sizeOf(shape), 0)),
        ...calls.map(({ round, colour }) => ({
          kernel: "chunkedAttentionBackward",
          buffers,
          immediates: [...immediates, 0, round, colour],
        })),
      ],
      workspaceBytes: bytesOfWords(attentionBackwardWorkspaceWords(params, sizes, parts)),
    };
  },

  jointAttention: ({ params, inputs }, { parts }) => {
    const sizes = sizesOf(withKeys(inputs, params));
    const { groups, length, rounds } = sizes;
    const immediates = attentionImmediates(params, sizes, params.unitKeys);
    // Sums of exponentials between the rounds, then the workspace.
    const sums = rounds > 1 ? Math.ceil((groups * length) / 4) * 4 : 0;
    const buffers = [
      ...withKeys(operands(inputs), params),
      updatedBuffer(0),
      updatedBuffer(1),
      workspaceBuffer(0),
      workspaceBuffer(bytesOfWords(sums)),
    ];
    return {
      steps: Array.from({ length: rounds }, (_, round) => ({
        kernel: "jointAttention",
        buffers,
        immediates: [...immediates, unitBits(params), round],
      })),
      workspaceBytes: bytesOfWords(sums + attentionWorkspaceWords(params, sizes, parts)),
    };
  },

  jointAttentionBackward: (request, { parts }) => {
    const { params, inputs, outputs } = request;
    const sizes = sizesOf(withKeys(inputs, params));
    const immediates = attentionImmediates(params, sizes, params.unitKeys);
    const buffers = [
      ...withKeys(operands(inputs), params),
      ...withKeys(results(request), params),
      workspaceBuffer(0),
    ];
    const calls = backwardCalls(params, sizes);
    return {
      steps: [
        ...outputs.map(({ shape }, i) => fillStep(i, sizeOf(shape), 0)),
        ...calls.map(({ round, colour }) => ({
          kernel: "jointAttentionBackward",
          buffers,
          immediates: [...immediates, unitBits(params), round, colour],
        })),
      ],
      workspaceBytes: bytesOfWords(attentionBackwardWorkspaceWords(params, sizes, parts)),
    };
  },
};

const operands = (inputs: KernelRequest["inputs"]): readonly BufferReference[] =>
  inputs.map((_, i) => inputBuffer(i));

const results = ({ outputs }: KernelRequest): readonly BufferReference[] =>
  outputs.map((_, i) => updatedBuffer(i));

const unitBits = ({ unitKeys }: JointAttentionParams): number => floatBits(unitKeys ?? 0);
