import { join } from "node:path";
import {
  generate,
  measure,
  nextTokenTask,
  reformerModel,
  runKeys,
  train,
  type ReformerState,
} from "../../src/training/index.ts";
import { uniformOf } from "../../src/training/run-keys.ts";
import type { Cell } from "../frame/experiment.ts";
import { writeText } from "../frame/record.ts";
import { countBits } from "../music/counts.ts";
import { readNovel } from "./read.ts";
import { novelText, windowConfig, type NovelSettings } from "./settings.ts";

export const windowsCell = "windows";
export const textFile = "text.txt";

const sampling = { temperature: 0.7, topP: 0.95 } as const;

/** The same model, trained on windows for a while, then writing by cached decoding. */
export const textFromWindows = (settings: NovelSettings): Cell => ({
  name: windowsCell,
  run: async ({ log, sources, folder }) => {
    const config = windowConfig(settings, sources[novelText.name].path);
    const { tokens, spell } = readNovel(settings, sources);
    const { minutes, kept, prompt, written, window, batch } = settings;
    const [learnt, held] = [tokens.subarray(0, -kept), tokens.subarray(-kept)];
    const [model, keys] = [reformerModel(config), runKeys(config.training.seed)];
    const task = nextTokenTask({ model, config, data: { train: learnt }, keys });
    const began = performance.now();
    let state: ReformerState = model.init(keys.initial);
    let steps = 0;
    let sum = 0;
    for await (const told of train({ task, steps: 2 ** 30 })) {
      ({ state, step: steps } = told);
      sum += told.metrics.bitsPerByte ?? told.metrics.bitsPerToken ?? NaN;
      if (steps % 100 === 0) {
        log(`step ${steps}: ${(sum / 100).toFixed(3)} bits`);
        sum = 0;
      }
      if (performance.now() - began >= 60_000 * minutes) break;
    }
    const trained = (performance.now() - began) / 1000;
    const { bitsPerByte, bitsPerToken } = await measure(model, state, held, {
      length: window,
      stride: window / 2,
      batch,
      key: keys.evaluation,
    });
    const beginning = held.subarray(0, prompt);
    const out: number[] = [];
    const before = performance.now();
    for await (const token of generate(model, state, beginning, written, {
      ...sampling,
      context: window,
      key: keys.evaluation,
      uniform: uniformOf(keys),
    })) {
      out.push(token);
    }
    const seconds = (performance.now() - before) / 1000;
    writeText(join(folder(), textFile), `${spell([...beginning])}[...]${spell(out)}\n`);
    return {
      steps,
      seconds: trained,
      bits: bitsPerByte ?? bitsPerToken ?? null,
      ...countBits(learnt, held, config.model.vocabulary),
      tokensPerSecond: written / seconds,
    };
  },
});
