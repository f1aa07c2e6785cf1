import type { Tensor } from "../../core/tensor.ts";
import { key } from "../../random/index.ts";
import type {
  BodyParams,
  HashBuckets,
  PassOptions,
  ReformerConfig,
  Streams,
} from "../../reformer/index.ts";
import { trimStreams } from "../../reformer/models/common-length.ts";
import { contextOf, runLayers, stackInput } from "../../reformer/models/run-stack.ts";
import { perHead } from "../runner-support.ts";

/**
 * The streams above the layers, and the buckets of the padded sequences, where layers hash with what somebody else has drawn.
 *
 * @param tokens - i32[B, L]
 * @param tensors - with `rotations.0`, `rotations.1`, ... f32[heads, width, rounds, half] of the layers that hash
 */
export function passWithRotations(
  config: ReformerConfig,
  params: BodyParams,
  tokens: Tensor,
  tensors: ReadonlyMap<string, Tensor>,
  options: PassOptions = {},
): { readonly streams: Streams; readonly buckets: HashBuckets } {
  const drawn = contextOf(config, tokens, key(0), options, "verify");
  const layers = drawn.layers.map(({ f, g }, layer) => {
    const given = tensors.get(`rotations.${layer}`);
    return { f: { ...f, rotations: given ? perHead(given) : null }, g };
  });
  const embedded = stackInput(config, params, tokens, key(0), options);
  const context = { ...drawn, layers };
  const { streams, buckets } = runLayers(config, params.layers, embedded, context, "evaluation");
  return { streams: trimStreams(streams, tokens.shape[1]), buckets };
}
