import { join } from "node:path";
import {
  corpusBleu,
  pairsFromOrThrow,
  preparePairsOrThrow,
  runKeys,
  translateModel,
  translateTask,
  translateTexts,
} from "../../src/training/index.ts";
import type { EncoderDecoderParams } from "../../src/reformer/models/encoder-decoder/params.ts";
import { measuredOf } from "../../src/training/measured-params.ts";
import { readData } from "../../src/training/node/data.ts";
import { measurePairs } from "../../src/training/translate/measure.ts";
import { layerNames } from "../../src/training/translate/model.ts";
import type { Cell } from "../frame/experiment.ts";
import { writeText } from "../frame/record.ts";
import { seedCell } from "../frame/seed-cells.ts";
import { trainTask } from "../frame/train-task.ts";
import { pairs, pairsConfig, type TranslateSettings, type TranslateVariant } from "./settings.ts";

/** The file with some translations of a first seed. */
export const translationsFile = "translations.txt";
const shown = 12;

/** A model of one kind and one seed: bits per token, and BLEU of pairs that were kept back. */
export const translateCell = (
  settings: TranslateSettings,
  variant: TranslateVariant,
  seed: number,
): Cell => ({
  name: seedCell(variant.name, seed),
  run: async ({ log, sources, folder }) => {
    const bytes = readData(sources[pairs.name].path);
    const count = pairsFromOrThrow(bytes).length;
    const { config, data } = preparePairsOrThrow(
      pairsConfig(settings, variant, seed, count),
      bytes,
    );
    const keys = runKeys(seed);
    const task = translateTask({ config, data, keys });
    const { steps, lookEvery, length, batch, translated } = settings;
    const plan = { steps, lookEvery, watched: "bitsPerToken" };
    const { state, numbers } = await trainTask(task, plan, log);
    const params = measuredOf<EncoderDecoderParams>(config.training)(state);
    const model = translateModel(config.model);
    const layers = layerNames(config.model);
    const how = { codec: data.codec, length, batch, key: keys.evaluation, layers };
    const { bitsPerToken } = await measurePairs(model, params, data.validation, how);
    const chosen = data.texts.validation.slice(0, translated);
    const sourceTexts = chosen.map(({ source }) => source);
    const targets = chosen.map(({ target }) => target);
    const written = await translateTexts(model, params, sourceTexts, how);
    if (seed === 0) {
      const lines = chosen
        .slice(0, shown)
        .map(({ source, target }, i) => `${source}\n  ${target}\n  ${written[i]}\n`);
      writeText(join(folder(), translationsFile), lines.join("\n"));
    }
    const others = await translateTexts(model, params, sourceTexts, { ...how, otherSources: true });
    return {
      bits: bitsPerToken,
      bleu: corpusBleu(written, targets).score,
      shuffled: corpusBleu(others, targets).score,
      copied: corpusBleu(sourceTexts, targets).score,
      parameters: task.parameterCount(state),
      ...numbers,
    };
  },
});
