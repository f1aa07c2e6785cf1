/** Models of tasks that HuggingFace has heads for are written as its folders, and read again. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import type { JsonObject } from "../../src/edge/json.ts";
import { loadAnyCheckpoint } from "../../src/training/node/index.ts";
import { call, expectMessage, folder, put } from "./harness.ts";
import { taskData, taskModel } from "./task-data.ts";

const run = (...args: readonly string[]) => call(args, reformerServices);

const model = {
  ...taskModel,
  conventions: "huggingface",
  layers: ["local", "lsh"],
  local: { chunk: 4 },
  lsh: { chunk: 4, buckets: 4, centred: false, evaluationRounds: null },
};
const training = { batch: 2, length: 16, schedule: { horizon: 4, warmup: 1 }, validateEvery: 2 };

const parameters = (text: string): string | undefined => /^parameters .*$/m.exec(text)?.[0];

/** A run of two steps, and what it says of its parameters. */
async function trained(task: keyof typeof taskData, more: object = {}) {
  const out = join(folder, task);
  const config = put("config.json", JSON.stringify({ model, training, ...more }));
  const lines = put(`${task}.txt`, taskData[task]);
  const args = ["--config", config, "--data", lines, "--out", out, "--steps", "2"];
  const told = await run("train", "--task", task, ...args);
  expect(told.err).toBe("");
  return { out, lines, parameters: parameters(told.out) };
}

const written = (path: string): JsonObject =>
  JSON.parse(readFileSync(join(path, "config.json"), "utf8")) as JsonObject;

describe.each([
  ["masked", "ReformerForMaskedLM", {}],
  ["classify", "ReformerForSequenceClassification", { task: { pool: "first" } }],
  ["spans", "ReformerForQuestionAnswering", {}],
] as const)("the task %s", (task, architecture, more) => {
  test("is exported, imported, measured and trained further", async () => {
    const { out, lines, parameters: own } = await trained(task, more);
    const [hf, again, further] = ["hf", "again", "further"].map((name) => join(folder, name));
    const exported = await run("export", hf, "--checkpoint", out);
    expect([exported.code, exported.err]).toEqual([0, ""]);
    expect(written(hf)).toMatchObject({ architectures: [architecture], is_decoder: false });
    const read = await run("import", hf, again);
    expect([read.code, read.err]).toEqual([0, ""]);
    expect(parameters(read.out)).toBe(own);
    expect(read.out).toContain(`a model of the task ${task}, and train --from`);
    expect(loadAnyCheckpoint(again).checkpoint.config).toMatchObject({ task: { kind: task } });
    expect((await run("eval", "--checkpoint", again, "--data", lines)).code).toBe(0);
    const onward = ["--data", lines, "--out", further, "--steps", "1"];
    expect((await run("train", "--from", again, ...onward)).code).toBe(0);
    const named = ["--tokenizer", "bytes+2"];
    const refused = new RegExp(`--tokenizer: is nothing for the task ${task}`);
    expectMessage(await run("export", `${hf}2`, "--checkpoint", out, ...named), refused);
    expectMessage(await run("import", hf, `${again}2`, ...named), refused);
  });
});

test("a classifier keeps the names of its classes; of a number of them it makes HuggingFace's", async () => {
  const { out } = await trained("classify", { task: { pool: "first" } });
  const hf = join(folder, "hf");
  await run("export", hf, "--checkpoint", out);
  const config = written(hf);
  expect(config).toMatchObject({ id2label: { 0: "a", 1: "b" }, label2id: { a: 0, b: 1 } });
  const classesOf = async (name: string): Promise<unknown> => {
    await run("import", hf, join(folder, name));
    return loadAnyCheckpoint(join(folder, name)).checkpoint.config;
  };
  expect(await classesOf("named")).toMatchObject({ task: { classes: ["a", "b"], pool: "first" } });
  const { id2label: _, label2id: __, ...bare } = config;
  writeFileSync(join(hf, "config.json"), JSON.stringify(bare));
  expect(await classesOf("bare")).toMatchObject({ task: { classes: ["LABEL_0", "LABEL_1"] } });
});

test("what HuggingFace has no head for, and what tasks cannot read, is refused", async () => {
  const to = join(folder, "to");
  const mean = await trained("classify");
  expectMessage(
    await run("export", to, "--checkpoint", mean.out),
    /config.task.pool: .* reads the first token: expected "first", got "mean"/,
  );
  const images = await trained("images", {
    task: { height: 4, width: 4, levels: 4 },
    data: { format: "raw" },
  });
  expectMessage(
    await run("export", to, "--checkpoint", images.out),
    /--checkpoint: HuggingFace has no Reformer for the task images: expected next-token, masked, classify, spans/,
  );
  const masked = await trained("masked");
  const hf = join(folder, "hf");
  await run("export", hf, "--checkpoint", masked.out);
  const classes = { ...written(hf), architectures: ["ReformerForSequenceClassification"] };
  writeFileSync(join(hf, "config.json"), JSON.stringify(classes));
  expectMessage(await run("import", hf, to), /classifier.dense.weight/);
  expect(existsSync(to)).toBe(false);
});
