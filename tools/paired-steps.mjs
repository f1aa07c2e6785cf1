/**
 * node tools/paired-steps.mjs OTHER [preset] [steps]
 * Training steps of another built checkout and of this one, by turns in one process and on one thread, so that both meet the same machine:
 * processor time of a step and planned bytes, other to this.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));
const [other, preset = "bytes-small", steps = "150"] = process.argv.slice(2);
if (other === undefined) {
  console.error("expected the folder of another checkout, in which `npm run build` has run");
  process.exit(2);
}
const text = new Uint8Array(readFileSync(resolve(here, "samples/crime-and-punishment.txt")));
/** Steps in which both compile, and engines warm up. */
const warm = 8;
const count = Number(steps);
if (!(count > warm)) {
  console.error(`expected more than ${warm} steps, got ${steps}`);
  process.exit(2);
}

async function start(folder) {
  const entry = (name) => import(pathToFileURL(resolve(folder, "dist", `${name}.js`)).href);
  const { init } = await entry("index");
  const { array } = await entry("numpy");
  const { key: seeded } = await entry("random");
  const { reformerModel, train, trainConfig } = await entry("training");
  await init("wasm", { threads: 1 });
  const config = trainConfig({ preset });
  const model = reformerModel(config);
  const { batch, length } = config.training;
  const window = array(
    Array.from({ length: batch }, () => Array(length + 1).fill(0)),
    "i32",
  );
  const key = seeded(0);
  const { peakBytes } = model.planStep(model.init(key), window, key);
  return { peakBytes, run: train({ model, config, data: { train: text }, steps: count }) };
}

async function processorMilliseconds(run) {
  const before = process.cpuUsage();
  await run.next();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];

const sides = [await start(other), await start(here)];
const times = [[], []];
for (let step = 0; step < count; step++) {
  for (const side of step % 2 === 0 ? [0, 1] : [1, 0]) {
    times[side].push(await processorMilliseconds(sides[side].run));
  }
}
const [before, after] = times.map((all) => all.slice(warm));
const ratios = after.map((time, i) => time / before[i]);
const [one, two] = [before, after].map((all) => quantile(all, 0.5).toFixed(1));
const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(3));
console.log(`${preset}, ${ratios.length} steps by turns, medians: ${one} ms -> ${two} ms`);
console.log(`ratio of neighbours: ${middle} (half of them between ${low} and ${high})`);
console.log(`planned bytes: ${sides[0].peakBytes} -> ${sides[1].peakBytes}`);
process.exit(0);
