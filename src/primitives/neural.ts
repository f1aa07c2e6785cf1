import type { Primitive } from "../ir/primitive.ts";
import { chunkedAttentionBackward } from "./attention/chunked-attention-backward.ts";
import { chunkedAttention } from "./attention/chunked-attention.ts";
import { jointAttentionBackward } from "./attention/joint-attention-backward.ts";
import { jointAttention } from "./attention/joint-attention.ts";
import { attendToken } from "./decoding/attend-token.ts";
import { insertToken } from "./decoding/insert-token.ts";
import { softmaxCrossEntropyBackward } from "./loss/softmax-cross-entropy-backward.ts";
import { softmaxCrossEntropy } from "./loss/softmax-cross-entropy.ts";
import { layerNormBackward } from "./normalization/layer-norm-backward.ts";
import { layerNorm } from "./normalization/layer-norm.ts";

/** Fused operations of neural networks. */
export const neuralPrimitives: readonly Primitive<never>[] = [
  chunkedAttention,
  chunkedAttentionBackward,
  jointAttention,
  jointAttentionBackward,
  attendToken,
  insertToken,
  layerNorm,
  layerNormBackward,
  softmaxCrossEntropy,
  softmaxCrossEntropyBackward,
];
