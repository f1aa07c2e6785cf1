import { join } from "node:path";
import {
  generate,
  measure,
  reformerModel,
  runKeys,
  type Tokens,
} from "../../src/training/index.ts";
import { uniformOf } from "../../src/training/run-keys.ts";
import type { Cell } from "../frame/experiment.ts";
import { writeText } from "../frame/record.ts";
import { trainLanguage } from "../language/train.ts";
import { countBits } from "../music/counts.ts";
import { readNovel } from "./read.ts";
import { novelText, windowConfig, type NovelSettings } from "./settings.ts";

export const windowsCell = "windows";

const sampling = { temperature: 0.7, topP: 0.95 } as const;

/** What is written: a file for each place that the model goes on with. */
export const places = [
  {
    file: "kept-back.txt",
    title: "A place that was kept back, and behind [...] what the model wrote",
    of: (_: Tokens, held: Tokens): Tokens => held,
  },
  {
    file: "middle.txt",
    title: "The middle of the novel, which it has learnt from, and what the model wrote",
    of: (learnt: Tokens): Tokens => learnt.subarray(Math.floor(learnt.length / 2)),
  },
] as const;

/** The same model, trained on windows for a while, then writing by cached decoding. */
export const textFromWindows = (settings: NovelSettings): Cell => ({
  name: windowsCell,
  run: async ({ log, sources, folder, tookBefore }) => {
    const config = windowConfig(settings, sources[novelText.name].path);
    const { tokens, spell } = readNovel(settings, sources);
    const { minutes, kept, prompt, written, window, batch } = settings;
    const [learnt, held] = [tokens.subarray(0, -kept), tokens.subarray(-kept)];
    const text = { train: learnt, validation: held };
    const run = { folder: folder(), mostSeconds: 60 * minutes, tookBefore };
    const { state, numbers } = await trainLanguage(config, text, log, run);
    const [model, keys] = [reformerModel(config), runKeys(config.training.seed)];
    const { bitsPerByte, bitsPerToken } = await measure(model, state, held, {
      length: window,
      stride: window / 2,
      batch,
      key: keys.evaluation,
    });
    let seconds = 0;
    for (const { file, of } of places) {
      const beginning = of(learnt, held).subarray(0, prompt);
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
      seconds += (performance.now() - before) / 1000;
      writeText(join(run.folder, file), `${spell([...beginning])}[...]${spell(out)}\n`);
    }
    return {
      ...numbers,
      bits: bitsPerByte ?? bitsPerToken ?? null,
      ...countBits(learnt, held, config.model.vocabulary),
      tokensPerSecond: (places.length * written) / seconds,
    };
  },
});
