import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { bundleProgram, type Finished, type Program } from "../support/cli.ts";
import { uniformSource } from "../support/random-data.ts";
import { call, newest, out, put, trainArgs } from "./harness.ts";
import { smallReformer } from "./small-reformer.ts";

const steps = 12;

const settings = {
  ...smallReformer,
  training: {
    ...smallReformer.training,
    schedule: { kind: "cosine", horizon: steps, warmup: 4, rate: 3e-3 },
    checkpointEvery: 1,
    keep: 2,
  },
};

let program: Program;
beforeAll(async () => {
  program = await bundleProgram("test/cli/reformer-main.ts");
});
afterAll(() => {
  program.dispose();
});

/** Arguments that train from `seed`, or go on where there is something to go on with. */
function trainOn(seed: number, ...more: string[]): string[] {
  const config = put("config.json", JSON.stringify(settings));
  const args = trainArgs("--config", config, "--seed", String(seed), ...more);
  const folder = args[args.lastIndexOf("--out") + 1];
  const started =
    existsSync(folder) && readdirSync(folder).some((name) => name.startsWith("step-"));
  return started ? [...args, "--resume"] : args;
}

/** Checksums of the state after all steps, trained in this process, without a stop unless there is something to resume. */
async function trainToEnd(seed: number, ...more: string[]): Promise<Record<string, string>> {
  const args = trainOn(seed, ...more);
  const { code, err } = await call(args, reformerServices);
  expect(err).toBe("");
  expect(code).toBe(0);
  const last = newest(args[args.lastIndexOf("--out") + 1]);
  expect(last.name).toBe("step-00000012");
  return last;
}

const wholeRuns = new Map<number, Promise<Record<string, string>>>();

/** The same of a run that nothing stops. */
function wholeOf(seed: number): Promise<Record<string, string>> {
  const run = wholeRuns.get(seed) ?? trainToEnd(seed, "--out", `${out}-whole`);
  wholeRuns.set(seed, run);
  return run;
}

/** Trains in a process of its own, and kills it some time after one of its next six steps. */
async function killSomewhere(seed: number, uniform: () => number): Promise<Finished> {
  const { process: child, finished } = program.start(trainOn(seed), { STEP_PAUSE: "100" });
  let left = 1 + Math.floor(6 * uniform());
  child.stdout?.on("data", (chunk: Buffer) => {
    left -= chunk.toString().split(/^step \d+\//m).length - 1;
    if (left <= 0) setTimeout(() => child.kill("SIGKILL"), 120 * uniform());
  });
  return finished;
}

describe("the Reformer's training", () => {
  test("6 steps, stop, resume to 12: the same bytes as 12 at once", async () => {
    const whole = await wholeOf(1);
    const first = await call(trainOn(1, "--steps", "6"), reformerServices);
    expect(first.code).toBe(0);
    expect(newest().name).toBe("step-00000006");
    expect(await trainToEnd(1)).toEqual(whole);
  });

  test.each([1, 2, 3])("seed %i, killed at random moments: the end is the same", async (seed) => {
    const whole = await wholeOf(seed);
    const uniform = uniformSource(seed);
    const first = await killSomewhere(seed, uniform);
    expect(first.code, first.err).toBeNull();
    expect(newest().name < whole.name).toBe(true);
    await killSomewhere(seed, uniform);
    expect(await trainToEnd(seed)).toEqual(whole);
  });

  test.each(["temporary-written:8", "synced:5", "between-renames:7"])(
    "killed when it passes %s: the end is the same",
    async (point) => {
      const whole = await wholeOf(1);
      const killed = await program.run(trainOn(1), { KILL_AT: point });
      expect(killed.code, killed.err).toBeNull();
      expect(await trainToEnd(1)).toEqual(whole);
      expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
    },
  );
});
