import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { orThrow } from "../../edge/problem.ts";
import { evaluatedRange, recordBytes } from "../data/evaluated-range.ts";
import { pairsFrom } from "../data/pairs.ts";
import { corpusBleu, type Bleu } from "../metrics/bleu.ts";
import { measuredIn } from "../measured-params.ts";
import type { EvaluationRequest, TaskKind } from "../task/kind.ts";
import { parseTranslateConfig, translateName, type TranslateConfig } from "./config.ts";
import { codecOf, fits, preparePairs, tokenPair } from "./data.ts";
import { measurePairs } from "./measure.ts";
import { layerNames, translateModel } from "./model.ts";
import { translateLearner, translateTask, type TranslateState } from "./task.ts";
import { translateTexts } from "./translate.ts";

/** What an evaluation can take away: then every decoder reads the source of another pair. */
const source = "source";

/** Translation for the program. */
export const translateKind: TaskKind<TranslateConfig> = {
  name: translateName,
  defaultPreset: translateName,
  read: parseTranslateConfig,
  prepare: (config, bytes) =>
    pipe(
      preparePairs(config, bytes),
      E.map(({ config: named, data }) => {
        const { batch, length } = named.training;
        const left = data.texts.train.length - data.train.length;
        const { train, validation } = data.texts;
        return {
          config: named,
          parts: { train: recordBytes(train), validation: recordBytes(validation) },
          summary:
            `${data.train.length} pairs to learn` +
            `${left > 0 ? ` (${left} are longer than ${length} tokens)` : ""}, ` +
            `${batch} of them per step, ${data.codec.size} tokens in use`,
          task: (chosen, keys) => translateTask({ config: chosen, data, keys }),
        };
      }),
    ),
  ablations: [source],
  searches: true,
  learner: (config) => translateLearner(config),
  evaluate,
};

async function evaluate(request: EvaluationRequest<TranslateConfig>): Promise<readonly string[]> {
  const { config, state, keys, bytes, rounds, ablation, search } = request;
  const { length, batch } = config.training;
  const pairs = orThrow(pairsFrom(bytes, config.data.columns));
  const partOf = (from: number, to: number): Uint8Array => recordBytes(pairs.slice(from, to));
  const [from, to] = orThrow(evaluatedRange(pairs.length, partOf, request));
  const chosen = pairs.slice(from, to);
  const codec = codecOf(config);
  const layers = layerNames(config.model);
  const model = translateModel(config.model);
  const params = measuredIn<TranslateState>(config, state);
  const otherSources = ablation === source;
  const how = { codec, length, batch, key: keys.evaluation, layers, rounds, otherSources };
  const tokens = chosen.map((pair) => tokenPair(codec, pair)).filter((pair) => fits(pair, length));
  const { bitsPerToken } = await measurePairs(model, params, tokens, how);
  const sources = chosen.map((pair) => pair.source);
  const targets = chosen.map((pair) => pair.target);
  const written = await translateTexts(model, params, sources, how);
  const searched = search && (await translateTexts(model, params, sources, { ...how, ...search }));
  const cut = sources.filter((text) => codec.encode(text).length > length).length;
  return [
    `${formatBleu(corpusBleu(written, targets))} over pairs ${from}:${to}${otherSources ? ", each translated from the source of another one" : ""}`,
    ...(searched && search
      ? [
          `${formatBleu(corpusBleu(searched, targets))} with ${search.beams} beams, length penalty ${search.lengthPenalty ?? 1}`,
        ]
      : []),
    `BLEU ${corpusBleu(sources, targets).score.toFixed(2)} of the sources as they are`,
    `${bitsPerToken.toFixed(4)} bits per token of the ${tokens.length} pairs that fit into ${length} tokens`,
    ...(cut > 0 ? [`${cut} sources are longer and were cut`] : []),
  ];
}

const formatBleu = ({ score, precisions, brevityPenalty }: Bleu): string =>
  `BLEU ${score.toFixed(2)} (${precisions.map((p) => p.toFixed(1)).join("/")}, brevity penalty ${brevityPenalty.toFixed(3)})`;
