// @ts-check
/*
 * A Reformer learns a text byte by byte and goes on writing it: configuration, training and
 * sampling in code, without the program. `node train-and-generate.mjs [steps] [file]`; in a
 * checkout the file is the sample text, else the package's changelog. Expect 8 bits per byte at
 * first and 4 after 30 steps: letters and the lengths of words, no words yet; try 600.
 */
import { existsSync, readFileSync } from "node:fs";
import { init } from "reformax";
import * as training from "reformax/training";

await init();

const sample = new URL("../samples/crime-and-punishment.txt", import.meta.url);
const changelog = new URL("../CHANGELOG.md", import.meta.url);
const [steps = "30", file = existsSync(sample) ? sample : changelog] = process.argv.slice(2);
const text = readFileSync(file);

const config = training.trainConfig({ preset: "bytes-small" });
const model = training.reformerModel(config);
const keys = training.runKeys(config.training.seed);
const run = training.train({ model, config, keys, data: { train: text }, steps: Number(steps) });

/** @type {number[]} */
const losses = [];
const { state } = await training.finish(run, ({ step, metrics }) => {
  losses.push(metrics.bitsPerByte ?? NaN);
  if (step % 10 === 0) console.log(`step ${step}: ${training.formatBits(metrics, 3)}`);
});
if (losses.length > 20 && !(losses[losses.length - 1] < losses[0] - 1)) {
  throw new Error(`nothing was learned: ${losses.join(" ")}`);
}

const written = training.generate(model, state, new TextEncoder().encode("It was "), 100, {
  context: config.training.length,
  key: keys.evaluation,
  temperature: 0.8,
  uniform: (n) => keys.words(n, 1)[0] / 2 ** 32,
});
const bytes = [];
for await (const byte of written) bytes.push(byte);
console.log(`It was ${new TextDecoder().decode(Uint8Array.from(bytes))}`);
