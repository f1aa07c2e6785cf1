import { floatBits } from "../../../core/dtype.ts";
import {
  keepThreshold,
  type AttentionSizes,
  type ChunkedAttentionParams,
} from "../../../ir/attention.ts";

const flagBits = {
  causal: 1,
  sameBucket: 2,
  selfMask: 4,
  duplicates: 8,
  circular: 16,
  masked: 32,
  dropout: 64,
  unitKeys: 128,
};

/** The immediates that all attention kernels begin with; see docs/design/kernels.md. */
export function attentionImmediates(
  params: ChunkedAttentionParams,
  sizes: AttentionSizes,
  unitKeys: number | null = null,
): readonly number[] {
  const flags =
    (params.causal ? flagBits.causal : 0) +
    (params.sameBucket ? flagBits.sameBucket : 0) +
    (params.selfMask !== null ? flagBits.selfMask : 0) +
    (params.duplicates ? flagBits.duplicates : 0) +
    (params.circular ? flagBits.circular : 0) +
    (params.masked ? flagBits.masked : 0) +
    (params.keepProbability !== null ? flagBits.dropout : 0) +
    (unitKeys !== null ? flagBits.unitKeys : 0);
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
