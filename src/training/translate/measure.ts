import type { Tensor } from "../../core/tensor.ts";
import { NonFiniteError } from "../../core/errors.ts";
import { checkFinite } from "../../core/finite.ts";
import { toHost } from "../../core/to-host.ts";
import { checkStreams } from "../../generation/stream-health.ts";
import type { EncoderDecoderParams } from "../../reformer/models/encoder-decoder/params.ts";
import type { TextCodec } from "../text/codec.ts";
import { gatherPairs, paddedLength, sizeOfPair } from "./batches.ts";
import type { TokenPair } from "./data.ts";
import type { ReadOptions, TranslateModel } from "./model.ts";

export interface PairMeasureOptions extends ReadOptions {
  readonly codec: TextCodec;
  readonly length: number;
  /** Pairs per call of the model. */
  readonly batch: number;
  /** u32[2]. */
  readonly key: Tensor;
  /** Names of the layers, for messages. */
  readonly layers: readonly string[];
  /** Called between calls of the model; may wait. */
  readonly breathe?: () => Promise<void>;
}

export interface PairMeasurement {
  readonly bitsPerToken: number;
  /** Targets' tokens, ends included. */
  readonly tokens: number;
  readonly pairs: number;
}

/** Bits per token of the targets of pairs that fit, given the tokens before and the source. Sums in float64, in the order of the pairs by length. */
export async function measurePairs(
  model: TranslateModel,
  params: EncoderDecoderParams,
  pairs: readonly TokenPair[],
  options: PairMeasureOptions,
): Promise<PairMeasurement> {
  const { codec, length, batch, key, layers, breathe, rounds, otherSources } = options;
  checkFinite(params, "measure");
  const byLength = [...pairs].sort((a, b) => sizeOfPair(a) - sizeOfPair(b));
  let [nats, tokens] = [0, 0];
  for (let first = 0; first < byLength.length; first += batch) {
    const group = byLength.slice(first, first + batch);
    const padded = paddedLength(Math.max(...group.map(sizeOfPair)), length);
    const gathered = gatherPairs(group, padded, codec, batch);
    const measured = await toHost(model.losses(params, gathered, key, { rounds, otherSources }));
    checkStreams(measured.health, "measure", layers);
    for (const loss of measured.losses.words().subarray(0, group.length * padded)) nats += loss;
    tokens += group.reduce((sum, { target }) => sum + target.length + 1, 0);
    await breathe?.();
  }
  if (!Number.isFinite(nats)) {
    throw new NonFiniteError("the losses are not finite", { where: "measure", got: String(nats) });
  }
  return { bitsPerToken: nats / Math.LN2 / Math.max(1, tokens), tokens, pairs: pairs.length };
}
