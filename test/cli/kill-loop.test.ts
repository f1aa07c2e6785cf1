import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { bundleProgram, type Program } from "../support/cli.ts";
import { uniformSource } from "../support/random-data.ts";
import { call, newest, out, program as toy, put, trainArgs } from "./harness.ts";
import { smallReformer } from "./small-reformer.ts";
import { toyServices } from "./toy-services.ts";

/*
 * `KILLS=100 npx vitest run test/cli/kill-loop.test.ts` kills each program a hundred times.
 */

const asked = process.env.KILLS === undefined ? undefined : Number(process.env.KILLS);
const seed = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));

let reformer: Program;
beforeAll(async () => {
  reformer = await bundleProgram("test/cli/reformer-main.ts");
});
afterAll(() => {
  reformer.dispose();
});

/** Steps between two kills, in the mean. */
const between = 3;

interface Victim {
  readonly kills: number;
  readonly program: () => Program;
  readonly services: Parameters<typeof call>[1];
  readonly settings: { readonly training: object };
}

const victims: Readonly<Record<string, Victim>> = {
  toy: {
    kills: asked ?? 20,
    program: () => toy,
    services: toyServices(),
    settings: { training: {} },
  },
  Reformer: {
    kills: asked ?? 4,
    program: () => reformer,
    services: reformerServices,
    settings: smallReformer,
  },
};

describe(`seed ${seed}`, () => {
  test.each(Object.entries(victims))(
    "%s, killed at random moments again and again: it always goes on, to the same bits",
    async (name, { kills, program, services, settings }) => {
      const uniform = uniformSource(seed);
      const schedule = { kind: "constant", rate: 0.01, horizon: between * kills + between };
      const training = { ...settings.training, schedule, checkpointEvery: 1, keep: 2 };
      const config = put("config.json", JSON.stringify({ ...settings, training }));
      const started = (): boolean =>
        existsSync(out) && readdirSync(out).some((entry) => entry.startsWith("step-"));
      const args = (...more: string[]): string[] =>
        trainArgs("--config", config, ...(started() ? ["--resume"] : []), ...more);

      const whole = `${out}-whole`;
      expect((await call(trainArgs("--config", config, "--out", whole), services)).code).toBe(0);
      let killed = 0;
      for (let attempt = 0; killed < kills && attempt < 3 * kills; attempt++) {
        const { process: child, finished } = program().start(args(), { STEP_PAUSE: "30" });
        const wait = uniform() * 2 * between * 45;
        // Every third dies while it begins: it reads, locks and compiles.
        const early = attempt % 3 === 2;
        const kill = (): unknown => setTimeout(() => child.kill("SIGKILL"), wait);
        if (early) kill();
        else child.stdout?.once("data", kill);
        const { code, err } = await finished;
        expect(err).toBe("");
        if (code === null) killed++;
        else break;
      }
      console.log(
        `${name}: seed ${seed}, ${killed} kills, then at ${started() ? newest().name : "the start"}`,
      );
      expect(killed).toBeGreaterThan(kills / 2);
      const { code, err } = await call(args(), services);
      expect([code, err]).toEqual([0, ""]);
      expect(newest()).toEqual(newest(whole));
      expect(readdirSync(out).filter((entry) => /^\.|lock/.test(entry))).toEqual([]);
    },
    120_000 + 10_000 * (asked ?? 20),
  );
});
