import { floatBits } from "../../../core/dtype.ts";
import { attentionFlags } from "../constants/attention.ts";
import {
  keepThreshold,
  type AttentionSizes,
  type ChunkedAttentionParams,
} from "../../../ir/attention.ts";

/** The immediates that all attention kernels begin with; see docs/design/kernels.md. */
export function attentionImmediates(
  params: ChunkedAttentionParams,
  sizes: AttentionSizes,
  unitKeys: number | null = null,
): readonly number[] {
  const flags =
    (params.causal ? attentionFlags.causal : 0) +
    (params.sameBucket ? attentionFlags.sameBucket : 0) +
    (params.selfMask !== null ? attentionFlags.selfMask : 0) +
    (params.duplicates ? attentionFlags.duplicates : 0) +
    (params.circular ? attentionFlags.circular : 0) +
    (params.masked && !params.pairs ? attentionFlags.masked : 0) +
    (params.keepProbability !== null ? attentionFlags.dropout : 0) +
    (unitKeys !== null ? attentionFlags.unitKeys : 0) +
    (params.duplicates === "sameRound" ? attentionFlags.sameRound : 0) +
    (params.pairs ? attentionFlags.pairs : 0);
  return [
    sizes.groups,
    sizes.length,
    sizes.rounds,
    sizes.width,
    sizes.valueWidth,
    params.chunkLength,
    params.before,
    params.after,
    flags,
    floatBits(params.scale),
    floatBits(params.selfMask ?? 0),
    params.keepProbability === null ? 0 : keepThreshold(params.keepProbability) | 0,
  ];
}
