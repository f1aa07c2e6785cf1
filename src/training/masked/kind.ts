import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { orThrow } from "../../edge/problem.ts";
import { toHuggingFace } from "../../interop/index.ts";
import { architectures } from "../../interop/huggingface/weights.ts";
import { evaluatedRange } from "../data/evaluated-range.ts";
import { prepareData } from "../data/prepare-data.ts";
import { bytesOf, tokensFrom, unitOf } from "../data/tokens.ts";
import { ablations } from "../reformer-model.ts";
import { percent } from "../task/percent.ts";
import { measuredIn } from "../measured-params.ts";
import type { EvaluationRequest, TaskKind } from "../task/kind.ts";
import { maskedName, parseMaskedConfig, type MaskedConfig } from "./config.ts";
import { measureMasked } from "./measure.ts";
import { findHidden, maskTokenOf } from "./model.ts";
import { maskedLearner, maskedTask, type MaskedState } from "./task.ts";

/** Filling in hidden tokens, for the program. */
export const maskedKind: TaskKind<MaskedConfig> = {
  name: maskedName,
  defaultPreset: maskedName,
  isOfBytes: true,
  read: parseMaskedConfig,
  prepare: (config, bytes) =>
    pipe(
      prepareData(config, bytes, 1),
      E.map(({ config: named, data, parts }) => {
        const { batch, length } = named.training;
        const unit = unitOf(named.data.tokens);
        return {
          config: named,
          parts,
          summary: `${data.train.length} ${unit}s to learn, ${batch} x ${length} ${unit}s per step`,
          task: (chosen, keys) => maskedTask({ config: chosen, data, keys }),
        };
      }),
    ),
  ablations,
  learner: maskedLearner,
  huggingFace: {
    architecture: architectures.masked,
    head: "tokens",
    write: (config, state) => toHuggingFace(config.model, measuredIn<MaskedState>(config, state)),
    read: ({ vocab_size: vocabulary }) => ({
      task: { kind: maskedName },
      data: { tokens: vocabulary === 257 ? "bytes" : "u16le" },
    }),
  },
  evaluate,
};

async function evaluate(request: EvaluationRequest<MaskedConfig>): Promise<readonly string[]> {
  const { config, state, keys, bytes, rounds, ablation } = request;
  const tokens = orThrow(tokensFrom(bytes, config.data.tokens, maskTokenOf(config)));
  const partOf = (from: number, to: number): Uint8Array => bytesOf(tokens.subarray(from, to));
  const [from, to] = orThrow(evaluatedRange(tokens.length, partOf, request));
  const params = measuredIn<MaskedState>(config, state);
  const chosen = tokens.subarray(from, to);
  const measured = await measureMasked(findHidden(config), params, chosen, config, {
    keys,
    rounds,
    ablation: ablations.find((name) => name === ablation),
  });
  const { accuracy, unigram, bitsPerToken, hidden } = measured;
  const unit = unitOf(config.data.tokens);
  return [
    `accuracy ${percent(accuracy)} on ${hidden} hidden ${unit}s of ${unit}s ${from}:${to}`,
    `accuracy ${percent(unigram)} of the most frequent ${unit} at all of them`,
    `${bitsPerToken.toFixed(4)} bits per hidden ${unit}`,
  ];
}
