import { join } from "node:path";
import { writeAtomically } from "../../src/edge/node/atomic-write.ts";
import {
  generate,
  measure,
  midiOf,
  nextTokenTask,
  reformerModel,
  runKeys,
  tokensFromOrThrow,
  type ReformerState,
  type TrainableModel,
  type TrainConfig,
  type Tokens,
} from "../../src/training/index.ts";
import { performanceOf } from "../../src/training/music/events.ts";
import { readData } from "../../src/training/node/data.ts";
import { uniformOf } from "../../src/training/run-keys.ts";
import type { Cell, Numbers } from "../frame/experiment.ts";
import { seedCell } from "../frame/seed-cells.ts";
import { trainTask } from "../frame/train-task.ts";
import { countBits } from "./counts.ts";
import { formatOf, musicConfig, piano, vocabulary, type MusicSettings } from "./settings.ts";

export const variant = "Reformer";

/** The files of the first seed: what a model writes after the beginning of a piece, and how that piece goes on itself. */
export const files = { continuation: "continuation.mid", original: "original.mid" } as const;

/** A model of one seed: how many bits it needs, and for the first seed how it goes on with a piece. */
export const musicCell = (settings: MusicSettings, seed: number): Cell => ({
  name: seedCell(variant, seed),
  run: async ({ log, sources, folder }) => {
    const { path } = sources[piano.name];
    const config = musicConfig(settings, seed, path);
    const events = tokensFromOrThrow(readData(path), formatOf(path), vocabulary);
    const end = Math.floor(0.9 * events.length);
    const [train, kept] = [events.subarray(0, end), events.subarray(end)];
    const [model, keys] = [reformerModel(config), runKeys(seed)];
    const task = nextTokenTask({ model, config, data: { train, validation: kept }, keys });
    const { steps, lookEvery, measured, length, batch } = { ...settings };
    const plan = { steps, lookEvery, watched: "bitsPerToken" };
    const { state, numbers } = await trainTask(task, plan, log);
    const chosen = kept.subarray(0, measured);
    const { bitsPerToken } = await measure(model, state, chosen, {
      length,
      stride: length / 2,
      batch,
      key: keys.evaluation,
    });
    const written =
      seed === 0 ? await goOn({ settings, config, model, state, kept, folder: folder() }) : {};
    return {
      bits: bitsPerToken ?? null,
      ...countBits(train, chosen, vocabulary),
      events: events.length,
      parameters: model.parameterCount(state),
      ...written,
      ...numbers,
    };
  },
});

interface Continuation {
  readonly settings: MusicSettings;
  readonly config: TrainConfig;
  readonly model: TrainableModel<ReformerState>;
  readonly state: ReformerState;
  readonly kept: Tokens;
  readonly folder: string;
}

/** Less than 1, and without the least likely events: wrong notes are heard. */
const sampling = { temperature: 0.95, topP: 0.97 } as const;

async function goOn({
  settings,
  config,
  model,
  state,
  kept,
  folder,
}: Continuation): Promise<Numbers> {
  const { prompt, written } = settings;
  const beginning = kept.subarray(0, prompt);
  const keys = runKeys(config.training.seed);
  const began = performance.now();
  const events: number[] = [];
  for await (const event of generate(model, state, beginning, written, {
    ...sampling,
    context: config.training.length,
    key: keys.evaluation,
    uniform: uniformOf(keys),
  })) {
    events.push(event);
  }
  const seconds = (performance.now() - began) / 1000;
  const whole = [...beginning, ...events];
  writeAtomically(join(folder, files.continuation), midiOf(whole));
  writeAtomically(join(folder, files.original), midiOf(kept.subarray(0, prompt + written)));
  const before = performanceOf(beginning);
  const notes = performanceOf(whole);
  const lengths = notes.map(({ start, end }) => end - start);
  return {
    notes: notes.length - before.length,
    longest: Math.max(0, ...lengths),
    musicSeconds: Math.max(0, ...notes.map(({ end }) => end)),
    eventsPerSecond: written / seconds,
  };
}
