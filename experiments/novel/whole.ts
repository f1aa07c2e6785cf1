import { nextTokenTask, reformerModel, runKeys, train } from "../../src/training/index.ts";
import { peakMemoryBytes } from "../../src/training/node/index.ts";
import type { Cell } from "../frame/experiment.ts";
import { bitsIn } from "../language/train.ts";
import { readNovel } from "./read.ts";
import { novelText, wholeConfig, type NovelSettings } from "./settings.ts";

export const wholeCell = "the whole";

/** A few steps on all of the novel at once. */
export const stepsOnWhole = (settings: NovelSettings): Cell => ({
  name: wholeCell,
  run: async ({ log, sources }) => {
    const config = wholeConfig(settings, sources[novelText.name].path);
    const { tokens } = readNovel(settings, sources);
    const [model, keys] = [reformerModel(config), runKeys(config.training.seed)];
    const task = nextTokenTask({ model, config, data: { train: tokens }, keys });
    const state = model.init(keys.initial);
    // Read now: after some steps a report tells of what stays in memory, too.
    const { peakBytes = null } = model.planStep?.(state, task.batch(0), keys.step(0)) ?? {};
    const bits: Record<string, number> = {};
    let [rebuilt, last] = [0, performance.now()];
    for await (const { step, metrics } of train({ task, steps: settings.steps })) {
      const seconds = (performance.now() - last) / 1000;
      last = performance.now();
      bits[`bits ${step}`] = bitsIn(metrics);
      bits[`seconds ${step}`] = seconds;
      if (metrics.rebuilt === true) rebuilt += 1;
      log(`step ${step}: ${bits[`bits ${step}`].toFixed(3)} bits, ${seconds.toFixed(0)} s`);
    }
    return {
      tokens: tokens.length,
      positions: settings.length,
      rebuilt,
      steps: settings.steps,
      planned: peakBytes,
      used: peakMemoryBytes(),
      ...bits,
    };
  },
});
