/** The program trains and measures tasks of every kind, goes on with them, and says what is wrong with data and flags. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { call, expectMessage, folder, newest, put } from "./harness.ts";
import { taskData, taskModel, taskWindows } from "./task-data.ts";

const run = (...args: readonly string[]) => call(args, reformerServices);

const training = { batch: 4, length: 16, schedule: { horizon: 4, warmup: 1 }, validateEvery: 2 };

const tasks = {
  masked: { model: { ...taskModel, ...taskWindows }, training },
  classify: { model: { ...taskModel, ...taskWindows }, training },
  spans: { model: { ...taskModel, ...taskWindows }, training },
  translate: { model: { ...taskModel, vocabulary: 300 }, training },
  images: {
    task: { height: 4, width: 4, levels: 4 },
    model: { ...taskModel, ...taskWindows },
    training,
    data: { format: "raw" },
  },
  toy: { task: { name: "sort", symbols: 3 }, model: { ...taskModel, ...taskWindows }, training },
};
const measures = {
  masked:
    /^accuracy \d+\.\d\d % on \d+ hidden bytes of bytes 342:380\naccuracy .* most frequent byte.*\n\d\.\d{4} bits per hidden byte\nstep 4\nparameters [0-9a-f]{64}\n/,
  classify:
    /^accuracy \d+\.\d\d % on texts 36:40\naccuracy 50\.00 % of the most frequent class.*\n\d\.\d{4} nats per text\nstep 4\n/,
  spans: /^exact match \d+\.\d\d % on questions 36:40\nF1 \d+\.\d\d %\nstep 4\n/,
  translate:
    /^BLEU \d+\.\d\d \(.*\) over pairs 36:40\nBLEU \d+\.\d\d of the sources as they are\n\d+\.\d{4} bits per token of the 4 pairs/,
  images:
    /^\d\.\d{4} bits per dimension over images 36:40\n4 x 4 x 1 values of 4 levels each; .*\nstep 4\n/,
};

describe.each(["masked", "classify", "spans", "translate", "images"] as const)(
  "the task %s",
  (task) => {
    test("is trained, resumed to the same bits, and measured by its own metric", async () => {
      const config = put("config.json", JSON.stringify(tasks[task]));
      const file = put("data.gz", gzipSync(taskData[task]));
      const args = ["train", "--task", task, "--config", config, "--data", file, "--out"];
      const [whole, halves] = [`${folder}/whole`, `${folder}/halves`];
      const trained = await run(...args, whole);
      expect(trained.out).toMatch(/step 2: validation .*\n(.*\n)*step 4: validation /);
      await run(...args, halves, "--steps", "2");
      await run("train", "--data", file, "--out", halves, "--resume");
      expect(newest(halves)).toEqual(newest(whole));
      const measured = await run("eval", "--checkpoint", whole, "--data", file);
      expect(measured.out).toMatch(measures[task]);
      const beams = ["--beams", "2", "--length-penalty", "0.6"];
      const searched = await run("eval", "--checkpoint", whole, "--data", file, ...beams);
      if (task === "translate") {
        expect(searched.out).toMatch(
          /^BLEU .*\nBLEU .* with 2 beams, length penalty 0.6\nBLEU .* as they are/,
        );
      } else expectMessage(searched, /--beams: is nothing for the task/);
      const other = /this is a checkpoint of another task: expected next-token, got \w+/;
      expectMessage(await run("generate", "--checkpoint", whole), other);
      const single = `${folder}/model.safetensors`;
      await run("convert", whole, single, "--parameters-only");
      const again = await run("eval", "--checkpoint", single, "--data", file, "--range", "0:4");
      expect(again.code).toBe(0);
    });
  },
);

describe("the task toy", () => {
  const config = (): string => put("toy.json", JSON.stringify(tasks.toy));

  test("needs no data: it is trained, resumed to the same bits, and measured", async () => {
    const args = ["train", "--task", "toy", "--config", config(), "--out"];
    const [whole, halves] = [`${folder}/whole-toy`, `${folder}/halves-toy`];
    const trained = await run(...args, whole);
    expect(trained.out).toMatch(
      /step 4: validation .* bits\/token, accuracy .* over 128 sequences/,
    );
    await run(...args, halves, "--steps", "2");
    await run("train", "--out", halves, "--resume");
    expect(newest(halves)).toEqual(newest(whole));
    const measured = await run("eval", "--checkpoint", whole);
    expect(measured.out).toMatch(
      /^accuracy .* of the answers' tokens in 128 new sequences\naccuracy .* of whole answers\n\d\.\d{4} bits per token\nstep 4\n/,
    );
  });

  test("takes none, and others are told that theirs are missing", async () => {
    const data = ["--data", put("data.txt", "text"), "--out", `${folder}/none`];
    expectMessage(
      await run("train", "--task", "toy", "--config", config(), ...data),
      /--data: cannot be with the task toy, which makes its data itself/,
    );
    expectMessage(
      await run("train", "--task", "masked", "--out", `${folder}/none`),
      /--data: is missing: expected a file/,
    );
  });
});

describe("a task's run", () => {
  const start = (task: string, contents: string, ...more: readonly string[]) => {
    const file = put("data.txt", contents);
    const out = `${folder}/none`;
    return run("train", "--task", task, "--data", file, "--out", out, ...more);
  };

  test("says what is wrong with lines of data", async () => {
    expectMessage(await start("translate", "one\ttwo\nthree\n"), /line 2: has too few columns/);
    expectMessage(await start("classify", "a\tx\nb y\n"), /line 2: has no tab/);
    expectMessage(
      await start("classify", "a\tx\nb\ty\nc\tz\n", "--split", "0:2,2:3"),
      /line 3: has a label that is none of the classes: expected a, b, got c/,
    );
    expectMessage(await start("classify", "a\tx\na\ty\n"), /all training texts have one label/);
    const twice = put("twice.json", JSON.stringify({ task: { classes: ["a", "b", "a"] } }));
    expectMessage(
      await start("classify", "a\tx\nb\ty\n", "--config", twice),
      /task.classes: two classes have the same name: got "a"/,
    );
    expectMessage(
      await start("translate", "a\tb\n", "--split", "0:1,1:3"),
      /data.validation: goes beyond the data: expected at most 1 records/,
    );
  });

  test("takes no preset and no ablation of another task", async () => {
    const other = await start("masked", "text", "--preset", "bytes-small");
    expectMessage(other, /model.vocabulary: does not fit the data.*257/);
    const file = put("pairs.tsv", taskData.translate);
    const config = put("small.json", JSON.stringify(tasks.translate));
    const out = `${folder}/run`;
    const args = ["--task", "translate", "--config", config, "--data", file, "--out", out];
    await run("train", ...args, "--steps", "1");
    const measure = ["eval", "--checkpoint", out, "--data", file, "--ablate"];
    const shuffled = await run(...measure, "source");
    expect(shuffled.out).toMatch(
      /over pairs 36:40, each translated from the source of another one\n/,
    );
    expectMessage(
      await run(...measure, "lsh-output"),
      /--ablate: is nothing that a model of the task translate has: expected source/,
    );
  });
});
