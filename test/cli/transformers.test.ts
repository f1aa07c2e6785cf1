/** Models go from transformers to the program and back; logits are those of the other side, with its hash rotations. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openModel } from "../../src/cli/open-model.ts";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { safetensors } from "../../src/interop/index.ts";
import type { ReformerConfig, ReformerParams } from "../../src/reformer/index.ts";
import { parametersOnly, reformerModel, stateOfOrThrow } from "../../src/training/index.ts";
import { loadCheckpoint } from "../../src/training/node/index.ts";
import { answersOf } from "../../src/verify/huggingface/heads.ts";
import type { ModelName } from "../../src/verify/huggingface/model-kinds.ts";
import { passWithRotations } from "../../src/verify/huggingface/given-rotations.ts";
import { tensorOf } from "../../src/verify/runner-support.ts";
import { bytesOf, load, sample } from "../interop/tokenizers/golden.ts";
import { describeWithTransformers, runOracle } from "../support/oracle-python.ts";
import { call, data, folder, put } from "./harness.ts";
import { taskData } from "./task-data.ts";

const golden = join(import.meta.dirname, "../golden");

async function run(...args: readonly string[]): Promise<void> {
  const { code, err } = await call(args, reformerServices);
  expect([code, err]).toEqual([0, ""]);
}

/** A new checkpoint of a folder. */
async function imported(from: string): Promise<string> {
  const to = `${from}.safetensors`;
  await run("import", from, to);
  return to;
}

/** What transformers said of a folder's model: see tools/oracle/huggingface/folders.py. */
function answersIn(from: string): ReadonlyMap<string, Tensor> {
  return safetensors.parseOrThrow(readFileSync(join(from, "answers.safetensors"))).tensors;
}

function tensorIn(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const found = tensors.get(name);
  if (found) return found;
  throw new Error(`no ${name}`);
}

/**
 * Whether a checkpoint's model says what transformers computes in float64; and in float32 too, where that is as precise: it weighs a token's own
 * key by adding -1e5, which takes digits of the first tokens, who see little else, along.
 */
function expectLogits(checkpoint: string, answers: ReadonlyMap<string, Tensor>): void {
  const loaded = loadCheckpoint(checkpoint).checkpoint;
  const state = stateOfOrThrow(parametersOnly(loaded), reformerModel(loaded.config));
  expectAnswers("hf/ReformerModelWithLMHead", loaded.config.model, state.params, answers);
}

/** The same of a run of a task, whose head is of this class there. */
function expectHead(name: ModelName, run: string, answers: ReadonlyMap<string, Tensor>): void {
  const { task } = openModel(run, reformerServices);
  if (!task) throw new Error("this is a model of the next token");
  const { kind, config, checkpoint } = task;
  const state = stateOfOrThrow(parametersOnly(checkpoint), kind.learner(config));
  const { params } = state as { readonly params: ReformerParams };
  expectAnswers(name, config.model as ReformerConfig, params, answers);
}

function expectAnswers(
  name: ModelName,
  config: ReformerConfig,
  params: ReformerParams,
  answers: ReadonlyMap<string, Tensor>,
): void {
  const { streams } = passWithRotations(config, params, tensorIn(answers, "tokens"), answers);
  for (const [output, value] of Object.entries(answersOf(name, config, params, streams))) {
    const logits = tensorOf(value);
    const [short, long] = [output, `${output}64`].map((part) => tensorIn(answers, part));
    expect(logits.shape).toEqual(long.shape);
    const own = farthest(short, long);
    expect(farthest(logits, long)).toBeLessThan(2e-5);
    expect(farthest(logits, short)).toBeLessThan(own + 2e-5);
    // Logits that are all alike would say little.
    expect(Math.max(...long.words()) - Math.min(...long.words())).toBeGreaterThan(0.1);
  }
}

const farthest = (a: Tensor, b: Tensor): number => {
  const theirs = b.words();
  return Math.max(...Array.from(a.words(), (value, i) => Math.abs(value - theirs[i])));
};

/** Tasks whose models HuggingFace has heads for. */
const heads = {
  masked: "hf/ReformerForMaskedLM",
  classify: "hf/ReformerForSequenceClassification",
  spans: "hf/ReformerForQuestionAnswering",
} as const;

const text = sample.slice(500, 2500);

/** Whether transformers' tokenizers of an exported folder make the ids of ours. */
async function expectIds(
  name: string,
  answers: ReadonlyMap<string, Tensor>,
  kinds: readonly string[],
): Promise<void> {
  const ids = [...(await load(name)).encode(text)];
  for (const kind of kinds) expect([...tensorIn(answers, kind).words()]).toEqual(ids);
}

const rate = (value: number): object => ({
  batch: 2,
  schedule: { kind: "constant", rate: value, warmup: 0, horizon: 4 },
});

describe.each(["made-by-transformers", "exported"])("the folder %s in test/golden", (name) => {
  test("is imported: its logits are those of transformers", async () => {
    cpSync(join(golden, name), join(folder, name), { recursive: true });
    const answers = answersIn(join(folder, name));
    expect([...answers.keys()]).toContain("rotations.1");
    expectLogits(await imported(join(folder, name)), answers);
  });
});

describeWithTransformers("transformers", () => {
  test("makes a model that is imported, trained further and exported, and loads that and one of ours", async () => {
    const [made, tuned, own] = ["made", "tuned", "own"].map((name) => join(folder, name));
    runOracle("folders.py", "--make", made);
    writeFileSync(join(made, "spiece.model"), bytesOf("cp.320.model.gz"));
    const begun = await imported(made);
    expectLogits(begun, answersIn(made));

    const further = put("further.json", JSON.stringify({ training: rate(1e-2) }));
    const steps = ["--data", data, "--steps", "4", "--config"];
    await run("train", "--from", begun, "--out", tuned, ...steps, further);
    const fresh = put("fresh.json", JSON.stringify({ model: ownModel, training: ownTraining }));
    const pieces = put("pieces.json", bytesOf("byte-level.json"));
    await run("train", "--out", own, "--tokenizer", pieces, ...steps, fresh);

    const exported = [`${tuned}-hf`, `${own}-hf`, `${own}-bf16`];
    await run("export", exported[0], "--checkpoint", tuned);
    await run("export", exported[1], "--checkpoint", own);
    await run("export", exported[2], "--checkpoint", own, "--dtype", "bf16");
    for (const path of exported) writeFileSync(join(path, "text.txt"), text);
    runOracle("folders.py", ...exported);
    expectLogits(tuned, answersIn(exported[0]));
    expectLogits(own, answersIn(exported[1]));
    await expectIds("cp.320.model.gz", answersIn(exported[0]), ["ids.fast", "ids.slow"]);
    await expectIds("byte-level.json", answersIn(exported[1]), ["ids.fast"]);
    // Rounded weights are another model: what is read of them is what transformers reads.
    expectLogits(await imported(exported[2]), answersIn(exported[2]));
  }, 180_000);

  test("loads models of other tasks, with their heads", async () => {
    // The presets of tasks hash about the mean, and pool it; HuggingFace has neither.
    const lsh = { ...ownModel.lsh, centred: false };
    const config = { model: { ...ownModel, lsh, mask: "full" }, training: ownTraining };
    const chosen = {
      masked: config,
      classify: { ...config, task: { pool: "first" } },
      spans: config,
    };
    const folders = Object.entries(heads).map(([task]) => `${join(folder, task)}-hf`);
    for (const task of ["masked", "classify", "spans"] as const) {
      const out = join(folder, task);
      const lines = put(`${task}.txt`, taskData[task]);
      const settings = put(`${task}.json`, JSON.stringify(chosen[task]));
      const steps = ["--steps", "4", "--config", settings];
      await run("train", "--task", task, "--data", lines, "--out", out, ...steps);
      await run("export", `${out}-hf`, "--checkpoint", out);
    }
    runOracle("folders.py", ...folders);
    for (const [task, name] of Object.entries(heads))
      expectHead(name, join(folder, task), answersIn(`${join(folder, task)}-hf`));
  }, 180_000);
});

/** What test/golden/exported was made of, without a tokenizer. */
const ownModel = {
  conventions: "huggingface",
  width: 8,
  heads: 2,
  headWidth: 4,
  feedForwardWidth: 12,
  layers: ["local", "lsh", "local"],
  local: { chunk: 4 },
  lsh: { chunk: 4, rounds: 2, evaluationRounds: null, buckets: 4 },
  positions: { kind: "axial", shape: [6, 8], widths: [4, 4] },
  feedForwardChunk: null,
  lossChunk: null,
};
const ownTraining = { ...rate(1e-2), length: 48 };
