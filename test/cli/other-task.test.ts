/** Runs of one task begin with what a model of another has learnt. */
import { beforeEach, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { parametersOf } from "../../src/training/index.ts";
import { loadAnyCheckpoint } from "../../src/training/node/index.ts";
import { call, expectMessage, folder, put } from "./harness.ts";
import { taskData, taskModel, taskWindows } from "./task-data.ts";

const run = (...args: readonly string[]) => call(args, reformerServices);

const model = { ...taskModel, ...taskWindows };
const training = { batch: 2, length: 16, schedule: { horizon: 4, warmup: 1 }, validateEvery: 2 };
type Parameters = Readonly<Record<string, Tensor>>;
const parametersAt = (path: string): Parameters => parametersOf(loadAnyCheckpoint(path).checkpoint);
const numbers = (parameters: Parameters, name: string): readonly number[] => [
  ...parameters[name].words(),
];
const isOfHead = (name: string): boolean => name.startsWith("head.");
const table = "embedding.table";

let text: string;
let lines: string;
let small: string;
beforeEach(() => {
  text = put("text.txt", taskData.masked);
  lines = put("lines.tsv", taskData.classify);
  small = put("small.json", JSON.stringify({ model, training }));
});

/** A run of two steps from nothing. */
async function trained(task: string, data: string): Promise<string> {
  const out = `${folder}/${task}`;
  const args = ["--config", small, "--data", data, "--out", out, "--steps", "2"];
  expect(await run("train", "--task", task, ...args)).toMatchObject({ code: 0 });
  return out;
}

/** What a run of a task begins with. */
async function begun(task: string, data: string, ...more: readonly string[]): Promise<Parameters> {
  const isTold = more.includes("--from");
  const out = `${folder}/${task}-${isTold ? "from" : "fresh"}`;
  const args = ["--task", task, "--data", data, "--out", out, "--steps", "0"];
  const { code, out: told } = await run("train", ...args, ...more);
  expect(code).toBe(0);
  expect(told.includes("the head is new")).toBe(isTold);
  return parametersAt(out);
}

test("a classifier begins with what a language model knows, and goes on", async () => {
  const book = await trained("next-token", text);
  const [known, fresh, own] = [
    parametersAt(book),
    await begun("classify", lines, "--config", small),
    await begun("classify", lines, "--from", book),
  ];
  expect(Object.keys(own)).toEqual(Object.keys(fresh));
  for (const name of Object.keys(own))
    expect(numbers(own, name)).toEqual(numbers(isOfHead(name) ? fresh : known, name));
  const out = `${folder}/classify-from`;
  expect(loadAnyCheckpoint(out).checkpoint.config).toMatchObject({
    task: { kind: "classify", classes: ["a", "b"] },
    model: { ...model, vocabulary: 256, mask: "full" },
    // As long as the model's positions allow.
    training: { batch: 8, length: 16 },
  });
  const more = await run("train", "--data", lines, "--out", out, "--resume", "--steps", "2");
  expect(more.out).toMatch(/step 2/);
  const measured = await run("eval", "--checkpoint", out, "--data", lines);
  expect(measured.out).toMatch(/^accuracy .* on texts 36:40/);
});

test("a longer vocabulary has new rows, a shorter one leaves some out", async () => {
  const book = await trained("next-token", text);
  const fresh = await begun("masked", text, "--config", small);
  const hidden = await begun("masked", text, "--from", book);
  const known = numbers(parametersAt(book), table);
  expect(hidden[table].shape).toEqual([257, 8]);
  expect(numbers(hidden, table).slice(0, known.length)).toEqual(known);
  expect(numbers(hidden, table).slice(known.length)).toEqual(
    numbers(fresh, table).slice(known.length),
  );
  expect(hidden["head.bias"].shape).toEqual([257]);
  const again = await begun("classify", lines, "--from", `${folder}/masked-from`);
  expect(numbers(again, table)).toEqual(known);
  const back = await begun("next-token", text, "--from", `${folder}/masked-from`);
  expect(numbers(back, table)).toEqual(known);
  expect(loadAnyCheckpoint(`${folder}/next-token-from`).checkpoint.config).toMatchObject({
    model: { mask: "causal", vocabulary: 256 },
  });
});

test("what no model can be is refused, and nothing is written", async () => {
  const book = await trained("next-token", text);
  const out = `${folder}/none`;
  const from = (checkpoint: string, task: string, ...more: readonly string[]) =>
    run("train", "--from", checkpoint, "--task", task, "--data", lines, "--out", out, ...more);
  const toy = `${folder}/toy`;
  const config = put("toy.json", JSON.stringify({ task: { name: "sort" }, model, training }));
  await run("train", "--task", "toy", "--config", config, "--out", toy, "--steps", "0");
  expectMessage(
    await from(toy, "classify"),
    /--from: its model cannot learn another task: it does not read bytes: .* got the task toy/,
  );
  expectMessage(await from(book, "translate"), /--task: cannot be with --from: the task translate/);
  const ids = put("ids.bin", new Uint8Array(800));
  const coded = put("coded.json", JSON.stringify({ model, training, data: { tokens: "u16le" } }));
  await run("train", "--config", coded, "--data", ids, "--out", `${folder}/ids`, "--steps", "0");
  expectMessage(await from(`${folder}/ids`, "classify"), /--from: .*got data.tokens "u16le"/);
  expectMessage(await from(book, "classify", "--preset", "classify"), /--from: cannot be with/);
  const wide = put("wide.json", JSON.stringify({ model: { feedForwardWidth: 24 } }));
  expectMessage(
    await from(book, "classify", "--config", wide),
    /state.params.layers.0.g.inner.kernel: has the wrong type: expected f32\[8,24\], got f32\[8,16\]/,
  );
  expect(() => loadAnyCheckpoint(out)).toThrow(/no checkpoint|does not exist|holds no/i);
});
