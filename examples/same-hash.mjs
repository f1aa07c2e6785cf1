// @ts-check
/*
 * The program and the library are one thing: from the same configuration and text `reformax train`
 * ends with the same parameters, bit for bit, as a loop of one's own, on any machine, engine and
 * number of threads. Expect two equal hashes.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { init } from "reformax";
import { defaultSplit, parameterHash, reformerModel, train, trainConfig } from "reformax/training";

await init();

const data = fileURLToPath(new URL("../README.md", import.meta.url));
/** @satisfies {import("reformax/training").TrainConfigChoices} */
const choices = {
  model: { dropout: 0.1, lsh: { rounds: 2 } },
  training: { batch: 2, length: 128, seed: 7, clip: 0.5, schedule: { rate: 0.002 } },
};
const steps = 5;

/** In code. */
const config = trainConfig({ preset: "bytes-small", ...choices });
const text = readFileSync(data);
const learned = text.subarray(...defaultSplit(text.length).train);
let own = "";
for await (const { state } of train({
  model: reformerModel(config),
  config,
  data: { train: learned },
  steps,
})) {
  own = parameterHash(state.params);
}
console.log(`own loop   ${own}`);

/** By the program, which lays the same choices, as a file, over the same preset. */
const folder = mkdtempSync(join(tmpdir(), "reformax-same-hash-"));
try {
  const file = join(folder, "config.json");
  writeFileSync(file, JSON.stringify(choices));
  const program = fileURLToPath(new URL("../bin/reformax.mjs", import.meta.url));
  const asked = ["train", "--preset", "bytes-small", "--config", file, "--data", data];
  const more = ["--out", join(folder, "run"), "--steps", String(steps)];
  const printed = execFileSync(process.execPath, [program, ...asked, ...more], {
    encoding: "utf8",
  });
  const theirs = /^parameters (\w{64})$/m.exec(printed)?.[1];
  console.log(`program    ${theirs}`);
  if (own !== theirs) throw new Error("the program's parameters are others");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
