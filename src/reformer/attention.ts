/** `attention.chunked` and `attention.joint`: the primitives that local, LSH and full attention are made of. */
export {
  chunkedAttention as chunked,
  type AttentionInfo,
  type ChunkedAttentionOptions,
} from "./chunked-attention.ts";
export {
  jointAttention as joint,
  type AttentionVectors,
  type JointAttentionOptions,
} from "./joint-attention.ts";
