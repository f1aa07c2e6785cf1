/** `npm run fuzz -- [--count N] [--seed S] [target...]`: as the tests do it, for longer. */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: "string", default: "200000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
const unknown = positionals.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0 || !(count > 0) || !Number.isSafeInteger(seed)) {
  console.error(`targets: ${targets.map(({ name }) => JSON.stringify(name)).join(" ")}`);
  process.exit(2);
}
for (const target of targets) {
  if (positionals.length > 0 && !positionals.includes(target.name)) continue;
  const begin = performance.now();
  const { refused, slowest } = await fuzz(target, count, seed);
  const seconds = (performance.now() - begin) / 1000;
  console.log(
    `${target.name}: seed ${seed}, ${count} mutants in ${seconds.toFixed(1)} s, ` +
      `${refused} refused, slowest ${slowest.toFixed(0)} ms`,
  );
}
