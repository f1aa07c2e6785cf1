import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { fromTraxOrThrow } from "../../src/interop/index.ts";
import { parameterHash } from "../../src/training/index.ts";
import { goldenTrax, traxArrays, traxCase } from "../interop/trax-cases.ts";
import { call, expectMessage, folder, put } from "./harness.ts";

const run = (...args: string[]) => call(args, reformerServices);

test.each(["local_hashed", "full_learned"])(
  "a checkpoint of trax with the options of its constructor is imported: %s",
  async (name) => {
    const { options } = traxCase(name);
    const file = put(`${name}.json`, JSON.stringify(options));
    const to = join(folder, `${name}.safetensors`);
    const read = await run("import", join(goldenTrax, name, "model.pkl.gz"), to, "--trax", file);
    expect([read.code, read.err]).toEqual([0, ""]);
    const { params } = fromTraxOrThrow(options, await traxArrays(name));
    expect(read.out).toContain(`parameters ${parameterHash(params)}`);
    const ids = Uint16Array.from({ length: 400 }, (_, i) => (i * i) % 11);
    const data = put(`${name}.ids`, Buffer.from(ids.buffer));
    const measured = await run("eval", "--checkpoint", to, "--data", data);
    expect([measured.code, measured.err]).toEqual([0, ""]);
  },
  60_000,
);

test("what cannot be imported is said, and nothing is written", async () => {
  const { options } = traxCase("local_hashed");
  const to = join(folder, "to.safetensors");
  const importing = (file: string, given: object, ...more: string[]) =>
    run("import", file, to, "--trax", put("trax.json", JSON.stringify(given)), ...more);
  const whole = join(goldenTrax, "local_hashed", "model.pkl.gz");
  const recurrent = await importing(whole, { ...options, ff_use_sru: 1 });
  expectMessage(recurrent, /options: ff_use_sru: has no counterpart/);
  expectMessage(await importing(whole, { ...options, n_layers: 2 }), /weights: are not as many/);
  const alone = join(folder, "alone");
  mkdirSync(alone);
  const file = join(alone, "model.pkl.gz");
  cpSync(whole, file);
  expectMessage(await importing(file, options), /weights: are not among .*\.weights\.npy\.gz/s);
  cpSync(join(goldenTrax, "full_learned", "model.pkl.gz"), join(alone, "model.weights.npy.gz"));
  expectMessage(await importing(file, options), /model.weights.npy.gz: array 0: is no .npy/);
  const both = await importing(file, options, "--lucidrains", "options.json");
  expectMessage(both, /--trax: cannot be with --lucidrains/);
  expect(existsSync(to)).toBe(false);
}, 60_000);
