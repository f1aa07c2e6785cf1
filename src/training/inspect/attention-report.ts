import type { Tensor } from "../../core/tensor.ts";
import { tensorFrom } from "../../core/tensor.ts";
import { toHost } from "../../core/to-host.ts";
import type { Value } from "../../core/value.ts";
import { bucketCount, bucketSizes } from "../../reformer/attention/buckets.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";
import { inspectAttention, type LayerAttention } from "../../reformer/models/inspect-attention.ts";
import { headOptions } from "../../reformer/models/layers.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import { jit } from "../../transforms/index.ts";
import { bucketStatistics, recallOf, type BucketStatistics, type Recall } from "./statistics.ts";

/** How one lsh layer hashed a text, and what that cost its heads. */
export interface LayerLook extends BucketStatistics, Recall {
  /** Its number among the layers, from the input up. */
  readonly layer: number;
  /** [heads, rounds, length] */
  readonly buckets: Int32Array;
  /** Place of each token in the order of buckets, [heads, rounds, length]: so many in a row are a chunk. */
  readonly slots: Int32Array;
}

/** The inner life of a model's hashing on one text. */
export interface AttentionReport {
  readonly length: number;
  readonly heads: number;
  readonly rounds: number;
  readonly numBuckets: number;
  readonly chunkLength: number;
  /** How many of the keys that full attention weighs most are looked for. */
  readonly top: number;
  /** Empty where one chunk holds the whole text: then nothing is hashed. */
  readonly layers: readonly LayerLook[];
}

export interface LookOptions {
  /** Default: 8. */
  readonly top?: number;
  /** Hash rounds; those of the configuration when absent. */
  readonly rounds?: number;
}

/** Looks at texts of a model, one after the other; lengths are compiled once each. */
export function attentionReporter(
  config: ReformerConfig,
  { top = 8, rounds }: LookOptions = {},
): (params: ReformerParams, tokens: ArrayLike<number>, key: Tensor) => Promise<AttentionReport> {
  const inspect = jit(
    (params: ReformerParams, tokens: Value, key: Value) =>
      inspectAttention(config, params, tokens, key, { rounds }),
    { name: "inspectAttention" },
  );
  return async (params, tokens, key) => {
    const length = tokens.length;
    const batch = tensorFrom("i32", [1, length], Int32Array.from(tokens));
    const found = await toHost(inspect(params, batch, key));
    const head = headOptions(config, "lsh", "evaluation");
    const numBuckets = bucketCount(bucketSizes(head, length));
    const layers = [...found.entries()].flatMap(([layer, attention]) =>
      attention ? [lookAt(layer, attention, { top, numBuckets, window: head })] : [],
    );
    const shape = found.find((attention) => attention !== null)?.buckets.shape;
    return {
      length,
      heads: config.heads,
      rounds: shape?.[2] ?? 0,
      numBuckets,
      chunkLength: head.chunkLength,
      top,
      layers,
    };
  };
}

interface How {
  readonly top: number;
  readonly numBuckets: number;
  readonly window: { readonly chunkLength: number; readonly before: number };
}

function lookAt(
  layer: number,
  { buckets, slots, attended, whole }: LayerAttention,
  { top, numBuckets, window }: How,
): LayerLook {
  const [, heads, rounds, length] = buckets.shape;
  const words = (x: Value): Int32Array => Int32Array.from(x.dataSync());
  const floats = (x: Value): Float32Array => Float32Array.from(x.dataSync());
  const sizes = { heads, rounds, length };
  const hashed = { buckets: words(buckets), slots: words(slots) };
  return {
    layer,
    ...hashed,
    ...bucketStatistics(hashed, { ...sizes, numBuckets, ...window }),
    ...recallOf(floats(attended), floats(whole), { ...sizes, top }),
  };
}
