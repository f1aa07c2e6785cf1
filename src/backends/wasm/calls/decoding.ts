import { floatBits } from "../../../core/dtype.ts";
import { sizeOf } from "../../../core/shape.ts";
import {
  tokenOperands,
  tokenSizes,
  windowTokens,
  type AttendTokenParams,
  type TokenSizes,
} from "../../../ir/decoding.ts";
import {
  bytesOfWords,
  copyStep,
  inputBuffer,
  oneStep,
  outputBuffer,
  updatedBuffer,
  workspaceBuffer,
  type BufferReference,
} from "../../../plan/index.ts";
import { attentionBlocks } from "../constants/attention.ts";
import { attentionImmediates } from "./attention-immediates.ts";
import { forwardWords, roundUp } from "./attention-workspace.ts";
import { kernelSlots, type Recipes } from "./recipe.ts";

/** How the operations of cached decoding call the kernels. */
export const decodingRecipes: Recipes = {
  insertToken: ({ params: { memory, ring }, inputs: [links, ends] }) => {
    const [groups, rounds, capacity] = links.shape;
    return {
      steps: [
        copyStep(sizeOf(links.shape)),
        copyStep(sizeOf(ends.shape), 1),
        {
          kernel: "insertToken",
          buffers: [inputBuffer(2), inputBuffer(3), updatedBuffer(0), updatedBuffer(1)],
          immediates: [groups, rounds, capacity, ends.shape[3], memory, Number(ring)],
          work: groups * rounds * (ends.shape[3] + 8),
          flops: 0,
        },
      ],
    };
  },

  attendToken: ({ params, inputs }, { parts }) => {
    const sizes = tokenSizes(tokenOperands(inputs, params));
    const { groups, capacity, rounds, buckets, width, valueWidth } = sizes;
    const references = inputs.map((_, i) => inputBuffer(i));
    const { q, key, value, keys, values, position, lists } = tokenOperands(references, params);
    // Where tokens are not sorted nobody reads the lists.
    const { bucket, links, ends } = lists ?? { bucket: position, links: position, ends: position };
    const buffers: readonly BufferReference[] = [
      q,
      key,
      value,
      keys,
      values,
      position,
      bucket,
      links,
      ends,
      outputBuffer(0),
      workspaceBuffer(0),
    ];
    const immediates = attentionImmediates(
      { ...params, causal: false, masked: false, keepProbability: null },
      { groups, length: capacity, rounds, width, valueWidth },
      params.unitKeys,
    );
    return {
      ...oneStep("attendToken", buffers, [
        ...immediates,
        floatBits(params.unitKeys ?? 0),
        0,
        0,
        params.whole,
        buckets,
        params.memory,
        params.seesMemory ? params.memory : 0,
        Number(params.ring),
      ]),
      workspaceBytes: bytesOfWords(kernelSlots(groups, parts) * tokenWorkspaceWords(params, sizes)),
    };
  },
};

/** Words of a share of attendToken; assembly/kernels/attendToken.ts divides them. */
function tokenWorkspaceWords(params: AttendTokenParams, sizes: TokenSizes): number {
  const room = windowTokens(params, sizes);
  const keys = roundUp(Math.min(room, attentionBlocks.forwardKeys), 8);
  const frame = forwardWords({ queries: 8, keys }, Math.max(1, sizes.rounds), sizes);
  return 8 + 44 + roundUp(room, 4) + roundUp(frame, 4);
}
