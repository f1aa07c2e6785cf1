import { measure, reformerModel, runKeys } from "../../src/training/index.ts";
import { readData } from "../../src/training/node/index.ts";
import type { Cell, Experiment } from "../frame/experiment.ts";
import { seedCell } from "../frame/seed-cells.ts";
import { planLanguage, trainLanguage, type LanguageText } from "../language/train.ts";
import { compressorBits } from "./compressors.ts";
import { compressorsCell, wikipediaReport } from "./report.ts";
import { configOf, settingsOf, type WikipediaModel, type WikipediaSettings } from "./settings.ts";

const enwik8 = {
  name: "enwik8",
  what: "enwik8 or its beginning: nine tenths to learn, half a tenth to be measured on",
  sample: "samples/crime-and-punishment.txt",
};

/** The paper's 1.05 bits per byte of enwik8, as far as a CPU comes. */
export const wikipedia: Experiment = {
  name: "wikipedia",
  claim: "A Reformer learns Wikipedia's bytes.",
  published:
    "section 5 of the paper: 1.05 bits per byte of enwik8's test bytes with 12 layers, windows of 65,536 bytes and longer training on eight devices.",
  wouldChange: "more steps, longer windows and a wider model, all of which the paper had.",
  costs: {
    smallest: { minutes: 0.1, mebibytes: 200 },
    default: { minutes: 75, mebibytes: 500 },
    full: { minutes: 1_000_000, mebibytes: 16_000 },
  },
  byName: true,
  seeds: 1,
  data: [enwik8],
  plan: (size, seeds) => {
    const settings = settingsOf[size];
    return {
      settings: { ...settings, models: JSON.stringify(settings.models) },
      cells: [
        compressors(settings),
        ...settings.models.flatMap((model) =>
          Array.from({ length: seeds }, (_, seed) => trained(settings, model, seed)),
        ),
      ],
      report: (results) => wikipediaReport(settings, seeds, results),
    };
  },
};

/** Nine tenths, and half a tenth. */
function readParts({ used, measured }: WikipediaSettings, path: string): LanguageText<Uint8Array> {
  const bytes = readData(path).subarray(0, used);
  const end = Math.floor(0.9 * bytes.length);
  const stop = Math.min(Math.floor(0.95 * bytes.length), end + measured);
  return { train: bytes.subarray(0, end), validation: bytes.subarray(end, stop) };
}

const compressors = (settings: WikipediaSettings): Cell => ({
  name: compressorsCell,
  run: ({ sources }) => {
    const { train, validation } = readParts(settings, sources[enwik8.name].path);
    return Promise.resolve(compressorBits(train, validation));
  },
});

const trained = (settings: WikipediaSettings, model: WikipediaModel, seed: number): Cell => ({
  name: seedCell(model.name, seed),
  run: async ({ log, sources, folder, tookBefore }) => {
    const config = configOf(settings, model, seed);
    const text = readParts(settings, sources[enwik8.name].path);
    const plan = planLanguage(config);
    const { state, numbers } = await trainLanguage(config, text, log, {
      folder: folder(),
      tookBefore,
    });
    const { batch, length } = config.training;
    const bitsWith = async (ablation?: string): Promise<number | null> => {
      const key = runKeys(seed).evaluation;
      const windows = { batch, length, stride: length / 2, key, ablation };
      const { bitsPerByte } = await measure(reformerModel(config), state, text.validation, windows);
      return bitsPerByte ?? null;
    };
    return {
      ...plan,
      ...numbers,
      whole: await bitsWith(),
      silent: await bitsWith("lsh-output"),
      shuffled: await bitsWith("lsh-buckets"),
    };
  },
});
