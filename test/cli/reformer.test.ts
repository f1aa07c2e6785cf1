import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { storedOf } from "../../src/training/checkpoint/checkpoint.ts";
import { encodeFolder } from "../../src/training/checkpoint/folder.ts";
import { loadCheckpoint, sha256 } from "../../src/training/node/index.ts";
import { sharedFiles } from "../support/shared-files.ts";
import { call, newest, out, put, trainArgs } from "./harness.ts";
import { smallReformer } from "./small-reformer.ts";

const run = (args: readonly string[]) => call(args, reformerServices);

describe("the Reformer", () => {
  test("resumed training ends in the same bytes; the result is measured and writes", async () => {
    const config = put("small.json", JSON.stringify(smallReformer));
    const { code, err, out: text } = await run(trainArgs("--config", config));
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(text).toMatch(/step 6\/6: \d\.\d{3} bits\/byte/);
    const whole = newest();

    const halves = `${out}-halves`;
    const args = trainArgs("--config", config, "--out", halves);
    expect((await run([...args, "--steps", "3"])).code).toBe(0);
    expect((await run([...args, "--resume"])).code).toBe(0);
    expect(newest(halves)).toEqual(whole);

    const data = args[args.indexOf("--data") + 1];
    const measured = await run(["eval", "--checkpoint", out, "--data", data, "--rounds", "3"]);
    expect(measured.out).toMatch(/^\d\.\d{4} bits per byte over bytes 1620:1800/);
    const write = (...more: readonly string[]) =>
      run(["generate", "--checkpoint", out, "--prompt", "the ", "--tokens", "5", ...more]);
    const written = await write();
    expect(written.code).toBe(0);
    expect(written.out.startsWith("the ")).toBe(true);
    expect(written.out).toHaveLength("the ".length + 5 + 1);
    expect((await write()).out).toBe(written.out);
    expect((await write("--threads", "2")).out).toBe(written.out);
    const stream = (count: string) => write("--decode", "streaming", "--tokens", count);
    const streamed = await stream("60");
    expect([streamed.code, streamed.out.startsWith("the ")]).toEqual([0, true]);
    expect(streamed.err).toMatch(
      /^reformax: streaming: lsh layers see the last 48 tokens of a text; what is before them is forgotten\n$/,
    );
    const ended = await stream("62");
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(
      /positions of this model end.*at most 61 tokens after a prompt of 4/s,
    );
  });

  test("going on with a run of an earlier version, whose bits were others, says so", async () => {
    const { model } = smallReformer;
    const centred = { ...model, lsh: { ...model.lsh, centred: true } };
    const config = put("centred.json", JSON.stringify({ ...smallReformer, model: centred }));
    const args = trainArgs("--config", config, "--steps");
    const note =
      /running sums[^]*are added in another order[^]*wrote this checkpoint: the run goes on/;
    expect((await run([...args, "1"])).code).toBe(0);
    const again = await run([...args, "2", "--resume"]);
    expect(again.code).toBe(0);
    expect(again.out + again.err).not.toMatch(note);

    const { checkpoint } = loadCheckpoint(out);
    const stored = storedOf(checkpoint);
    for (const [name, bytes] of encodeFolder(stored, { writer: "0.1.0", digest: sha256 })) {
      writeFileSync(join(out, "step-00000002", name), bytes);
    }
    const brought = await run(["convert", out, `${out}-new`]);
    expect(brought.code).toBe(0);
    expect(brought.out).toMatch(note);
    const later = await run([...args, "3", "--resume"]);
    expect(later.code).toBe(0);
    expect(later.out + later.err).toMatch(note);
  });

  test("a number of threads that is none is one clear message, wherever it stands", async () => {
    const option = await run(trainArgs("--threads", "0"));
    expect(option.code).toBe(2);
    expect(option.err).toMatch(/--threads <n>.*whole number from 1 to 32/);
    vi.stubEnv("REFORMAX_THREADS", "many");
    try {
      const config = put("small.json", JSON.stringify(smallReformer));
      const variable = await run(trainArgs("--config", config));
      expect(variable.code).toBe(1);
      expect(variable.err).toMatch(/REFORMAX_THREADS: .*from 1 to 32, got "many"/);
      expect((await run(["doctor"])).out).toMatch(/BAD {2}threads: REFORMAX_THREADS/);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("the doctor finds both back ends in order", async () => {
    const { code, out: text } = await run(["doctor"]);
    expect(text).toMatch(
      /^ok {3}Node: [^]*ok {3}WebAssembly SIMD[^]*ok {3}relaxed arithmetic[^]*ok {3}threads: 1\n[^]*ok {3}backend wasm[^]*ok {3}backend reference/,
    );
    expect(code).toBe(0);
  });
});

const fixtures = sharedFiles("fixtures");

describe.skipIf(fixtures === undefined)("other people's Reformers", () => {
  const mustPass = {
    hf: [
      "lm_local",
      "lm_lsh_h1",
      "lm_lsh_h2",
      "lm_lsh_h4",
      "lm_mixed_crime",
      "op_axial",
      "op_layer_lsh",
      "op_local_causal",
      "op_lsh_causal_h2",
      "op_lsh_masked_h1",
    ],
    lucidrains: ["lsh_causal_h1", "lsh_causal_h4"],
  };

  test.each(Object.entries(mustPass))(
    "%s: the named cases pass, none fails",
    async (family, names) => {
      const { code, out: text } = await run(["verify", join(fixtures ?? "", family)]);
      const lines = text.trim().split("\n");
      expect(lines.filter((line) => line.startsWith("FAIL"))).toEqual([]);
      for (const name of names)
        expect(lines).toContainEqual(expect.stringMatching(`^PASS ${name} `));
      expect(code).toBe(0);
    },
  );
});
