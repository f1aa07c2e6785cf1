/** `eval` says what the translations of a model are worth: BLEU of greedy ones, and beside it that of a beam search. */
import { expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { configJson } from "../../src/training/checkpoint/checkpoint.ts";
import { orThrow } from "../../src/edge/problem.ts";
import { corpusBleu } from "../../src/training/metrics/bleu.ts";
import { runKeys, stateOfOrThrow } from "../../src/training/index.ts";
import { loadAnyCheckpoint } from "../../src/training/node/index.ts";
import { codecOf } from "../../src/training/translate/data.ts";
import { parseTranslateConfig } from "../../src/training/translate/config.ts";
import { layerNames, translateModel } from "../../src/training/translate/model.ts";
import { translateLearner } from "../../src/training/translate/task.ts";
import { translateTexts, type SearchOptions } from "../../src/training/translate/translate.ts";
import { call, expectMessage, out, put } from "./harness.ts";

const run = (...args: readonly string[]) => call(args, reformerServices);

const config = {
  model: {
    vocabulary: 300,
    width: 16,
    heads: 2,
    headWidth: 8,
    feedForwardWidth: 32,
    feedForwardChunk: null,
    lossChunk: null,
    positions: { kind: "axial", shape: [4, 4], widths: [8, 8] },
  },
  training: {
    batch: 8,
    length: 16,
    schedule: { kind: "constant", rate: 1e-2, warmup: 0, horizon: 60 },
    validateEvery: 0,
  },
};

/** Every number of four digits below 3 becomes letters: some of that is learned in 60 steps, not all of it. */
const pairs = Array.from({ length: 81 }, (_, i) => {
  const digits = Array.from((i * 7).toString(3).padStart(4, "0").slice(-4), Number);
  return { source: digits.join(""), target: digits.map((digit) => "abc"[digit]).join(" ") };
});
const file = (): string =>
  put("pairs.tsv", pairs.map(({ source, target }) => `${source}\t${target}\n`).join(""));

/** BLEU of what the library writes with the run's model. */
async function bleuOf(search: SearchOptions): Promise<string> {
  const { checkpoint } = loadAnyCheckpoint(out);
  const trained = orThrow(parseTranslateConfig(configJson(checkpoint.config)));
  const { params } = stateOfOrThrow(checkpoint, translateLearner(trained));
  const sources = pairs.map(({ source }) => source);
  const written = await translateTexts(translateModel(trained.model), params, sources, {
    codec: codecOf(trained),
    length: 16,
    batch: 8,
    key: runKeys(trained.training.seed).evaluation,
    layers: layerNames(trained.model),
    ...search,
  });
  const targets = pairs.map(({ target }) => target);
  return corpusBleu(written, targets).score.toFixed(2);
}

test("BLEU with beams stands beside that of greedy translations", async () => {
  const data = file();
  const options = put("config.json", JSON.stringify(config));
  const train = ["train", "--task", "translate", "--config", options, "--data", data];
  expect((await run(...train, "--out", out)).err).toBe("");
  const measure = ["eval", "--checkpoint", out, "--data", data, "--range", "0:81"];
  const greedy = await run(...measure);
  const searched = await run(...measure, "--beams", "4", "--length-penalty", "0.5");
  const scores = [await bleuOf({}), await bleuOf({ beams: 4, lengthPenalty: 0.5 })];
  expect(Number(scores[0])).toBeGreaterThan(1);
  expect(scores[0]).not.toBe(scores[1]);
  expect(greedy.out).toMatch(
    new RegExp(`^BLEU ${scores[0]} .* over pairs 0:81\nBLEU .* as they are`),
  );
  expect(searched.out).toMatch(
    new RegExp(
      `^BLEU ${scores[0]} .* over pairs 0:81\nBLEU ${scores[1]} .* with 4 beams, length penalty 0.5\nBLEU .* as they are`,
    ),
  );
  expectMessage(
    await run(...measure, "--length-penalty", "0.5"),
    /--length-penalty: compares texts of a beam search, and none is asked for.*Add --beams/s,
  );
  expectMessage(
    await run("generate", "--length-penalty", "0.5"),
    /--length-penalty: compares texts of a beam search/,
  );
  expectMessage(
    await run("generate", "--beams", "2", "--top-k", "3"),
    /option '--beams <n>' cannot be used with option '--top-k <k>'/,
    2,
  );
});
