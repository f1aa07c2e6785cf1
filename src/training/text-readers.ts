import type { Value } from "../core/value.ts";
import type { Predictor, ReaderStep, TokenReader } from "../generation/predictor.ts";
import { begin, next, type Decoded, type DecodeOptions } from "../reformer/decode/decode.ts";
import * as huggingFace from "../reformer/decode/huggingface/index.ts";
import { join, type ReadCache } from "../reformer/decode/sequences.ts";
import type { ReformerConfig } from "../reformer/models/config.ts";
import type { ReformerParams } from "../reformer/models/params.ts";
import { longestLength } from "../reformer/models/positions.ts";
import { jit } from "../transforms/index.ts";
import { concreteTree } from "./concrete-tree.ts";
import { nextStep, readerStep, type ReadToken } from "./next-step.ts";

type Begin<Cache> = (
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: DecodeOptions,
) => Decoded<Cache>;

/** How texts are read token by token; `params` are those that the model is measured with. */
export const textReaders = <State>(
  model: ReformerConfig,
  params: (state: State) => ReformerParams,
): Pick<Predictor<State>, "reader" | "huggingFace"> => ({
  reader: readerOf(model, params, begin, next),
  huggingFace: readerOf(model, params, huggingFace.begin, huggingFace.next),
});

function readerOf<State, Cache extends ReadCache>(
  model: ReformerConfig,
  paramsOf: (state: State) => ReformerParams,
  first: Begin<Cache>,
  more: ReadToken<Cache>,
): TokenReader<State> {
  const read = jit(
    (params: ReformerParams, tokens: Value, key: Value, options: DecodeOptions) =>
      readerStep(first(model, params, tokens, key, options)),
    { staticArgnums: [3], name: "read" },
  );
  const readNext = nextStep(model, more);
  return {
    longest: longestLength(model.positions),
    begin: (state, tokens, key, options) =>
      concreteTree<ReaderStep>(read(paramsOf(state), tokens, key, options)),
    next: (state, cache, token, rows) => readNext(paramsOf(state), cache as Cache, token, rows),
    join: (caches) => concreteTree(join(caches as Cache[])),
  };
}
