import { cpSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { version } from "../../src/core/version.ts";
import { formatVersion } from "../../src/training/checkpoint/format.ts";
import { golden } from "../support/golden-checkpoints.ts";
import { call, data, expectMessage, folder, out, program, trainArgs, wholeRun } from "./harness.ts";

const run = (...args: string[]) => call(args, reformerServices);
const formats = Array.from({ length: formatVersion }, (_, i) => i + 1);
const file = () => join(folder, "model.safetensors");

const resume = (folder: string) =>
  run("train", "--config", golden.config, "--data", golden.data, "--out", folder, "--resume");

describe.each(formats)("a run of format %i", (format) => {
  test("goes on to the parameters that its own version came to", async () => {
    cpSync(golden.run(format), out, { recursive: true });
    const { code, err, out: text } = await resume(out);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(text).toMatch(/from step 3 to 6/);
    const last = text.trimEnd().split("\n").slice(-2);
    expect(last).toEqual([
      `parameters ${golden.expected.parameters}`,
      `saved in ${join(out, "step-00000006")}`,
    ]);
  });

  test("is measured as by its own version, as a folder and as a file", async () => {
    await run("convert", golden.run(format), file());
    for (const checkpoint of [golden.run(format), golden.checkpoint(format), file()]) {
      const measured = await run("eval", "--checkpoint", checkpoint, "--data", golden.data);
      expect(measured.out.split("\n")[0]).toBe(golden.expected.evaluation);
    }
  });

  test("goes on from a folder that it was converted into", async () => {
    const forward = join(folder, "forward");
    const { code, out: text } = await run("convert", golden.run(format), forward);
    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`^read step 3 of format ${format}(, written by reformax|\n)`));
    expect((await resume(forward)).out).toMatch(`parameters ${golden.expected.parameters}`);
  });
});

describe("convert", () => {
  test("says what parameters it read and wrote: the same, or rounded ones", async () => {
    const from = join(wholeRun, "run");
    const exact = await call(["convert", from, file()]);
    expect(exact.err).toBe("");
    const [, hash] = /^parameters ([0-9a-f]{64})$/m.exec(exact.out) ?? [];
    expect(exact.out).toBe(
      `read step 12 of format ${formatVersion}, written by reformax ${version}\nparameters ${hash}\nsaved in ${file()}\n`,
    );
    const small = join(folder, "small.safetensors");
    const rounding = ["--parameters-only", "--dtype", "f16"];
    const rounded = await call(["convert", from, small, ...rounding]);
    expect(rounded.out).toMatch(
      new RegExp(`parameters ${hash}\nstored as f16, these are\nparameters (?!${hash})`),
    );
    const measured = await call(["eval", "--checkpoint", small, "--data", data]);
    expect(measured.out).toMatch(/over bytes 1620:1800\nstep 12; [^]*\nparameters/);
    const prompt = ["--prompt", "the q", "--tokens", "9"];
    const written = await call(["generate", "--checkpoint", small, ...prompt]);
    expect(written.out).toHaveLength("the q".length + 9 + 1);
    expect(readFileSync(small).length).toBeLessThan(readFileSync(file()).length / 3);
    const coarse = join(folder, "coarse.safetensors");
    const flags = ["--parameters-only", "--dtype", "bf16", "--significant-bits", "3"];
    const { out: said } = await call(["convert", join(wholeRun, "run"), coarse, ...flags]);
    expect(said).toContain("stored as bf16 of 3 significant bits, these are");
    const packedSmall = gzipSync(readFileSync(small)).length;
    expect(gzipSync(readFileSync(coarse)).length).toBeLessThan(0.8 * packedSmall);
    const gridded = join(folder, "grid.safetensors");
    const onGrid = ["--parameters-only", "--dtype", "bf16", "--grid", "0.12"];
    const { out: gridSaid } = await call(["convert", join(wholeRun, "run"), gridded, ...onGrid]);
    expect(gridSaid).toContain("stored as bf16 on a grid of 0.12, these are");
    expect(gzipSync(readFileSync(gridded)).length).toBeLessThan(0.8 * packedSmall);
    const nothing = await call(["convert", from, join(folder, "no"), "--grid", "0"]);
    expect(nothing.err).toMatch(/--grid.*above 0 and up to 1/);
  });

  test("rounded values are no run, and parameters alone cannot be resumed", async () => {
    const from = join(wholeRun, "run");
    expectMessage(
      await call(["convert", from, file(), "--dtype", "bf16"]),
      /cannot go on from rounded values.*Add --parameters-only/,
    );
    expect((await call(["convert", from, out, "--parameters-only"])).code).toBe(0);
    expectMessage(
      await call(trainArgs("--resume")),
      /run: holds the parameters only.*Resume from the folder that this was converted from/,
    );
    expect((await call(["generate", "--checkpoint", out, "--tokens", "3"])).code).toBe(0);
  });

  test.each(["model.safetensors", "model"])(
    "killed while it writes %s: no harm done",
    async (to) => {
      const args = ["convert", join(wholeRun, "run"), join(folder, to)];
      const killed = await program.run(args, { KILL_AT: "synced" });
      expect(killed.code).toBeNull();
      expect(readdirSync(folder).sort()).toEqual([`.tmp-${to}`, "data.txt"]);
      expect((await program.run(args)).code).toBe(0);
      expect(readdirSync(folder).sort()).toEqual(["data.txt", to]);
    },
  );

  test("what exists is left alone", async () => {
    expectMessage(await call(["convert", join(wholeRun, "run"), data]), /exists already/);
  });
});
