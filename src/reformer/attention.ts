/** `attention.chunked`: the primitive that local, LSH and full attention are made of. */
export {
  chunkedAttention as chunked,
  type AttentionInfo,
  type ChunkedAttentionOptions,
} from "./chunked-attention.ts";
