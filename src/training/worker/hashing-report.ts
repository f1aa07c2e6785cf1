import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { toHost } from "../../core/to-host.ts";
import type { Value } from "../../core/value.ts";
import { bucketCount, bucketSizes } from "../../reformer/attention/buckets.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";
import { inspectHashing, type LayerHashing } from "../../reformer/models/inspect-hashing.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import { headOptions } from "../../reformer/models/layers.ts";
import { jit } from "../../transforms/index.ts";

/** How one layer hashed a sequence, one after the other by head and round; see {@link LayerHashing}. */
export interface LayerReport {
  /** Its number among the layers, from the input up. */
  readonly layer: number;
  /** [heads, rounds, length] */
  readonly buckets: Int32Array;
  /** [heads, rounds, length] */
  readonly slots: Int32Array;
  /** [heads, rounds, chunks * chunkLength]; -1 where there is padding. */
  readonly order: Int32Array;
  /** [heads, rounds, chunks, window]; -1 where there is none. */
  readonly seen: Int32Array;
}

/** How the lsh layers of a model hash one sequence. */
export interface HashingReport {
  readonly length: number;
  readonly heads: number;
  readonly rounds: number;
  readonly chunks: number;
  readonly chunkLength: number;
  /** Slots that a chunk's tokens look at. */
  readonly window: number;
  readonly numBuckets: number;
  /** Empty where one chunk holds the whole sequence: then nothing is hashed. */
  readonly layers: readonly LayerReport[];
}

/** Inspects sequences of a model; lengths are compiled once each. */
export function hashingReporter(
  config: ReformerConfig,
): (params: ReformerParams, tokens: Uint8Array, key: Tensor) => Promise<HashingReport> {
  const inspect = jit(
    (params: ReformerParams, tokens: Value, key: Value) =>
      inspectHashing(config, params, tokens, key),
    { name: "inspectHashing" },
  );
  return async (params, tokens, key) => {
    const batch = tensorFrom("i32", [1, tokens.length], Int32Array.from(tokens));
    return reportOf(config, tokens.length, await toHost(inspect(params, batch, key)));
  };
}

function reportOf(
  config: ReformerConfig,
  length: number,
  found: readonly (LayerHashing | null)[],
): HashingReport {
  const layers = [...found.entries()].flatMap(([layer, hashing]) =>
    hashing ? [{ layer, hashing }] : [],
  );
  const [, , rounds, chunks, window] = layers.at(0)?.hashing.seen.shape ?? [0, 0, 0, 0, 0];
  const words = (x: Value): Int32Array => Int32Array.from(x.dataSync());
  return {
    length,
    heads: config.heads,
    rounds,
    chunks,
    chunkLength: config.lsh.chunk,
    window,
    numBuckets: bucketCount(bucketSizes(headOptions(config, "lsh", "evaluation"), length)),
    layers: layers.map(({ layer, hashing }) => ({
      layer,
      buckets: words(hashing.buckets),
      slots: words(hashing.slots),
      order: words(hashing.order),
      seen: words(hashing.seen),
    })),
  };
}
