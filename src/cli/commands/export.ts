import { Command, Option } from "commander";
import * as E from "fp-ts/lib/Either.js";
import type { JsonObject } from "../../edge/json.ts";
import { InputError, inputError } from "../../edge/problem.ts";
import type { Tokenizer } from "../../interop/index.ts";
import type { SerializeOptions } from "../../interop/safetensors/serialize.ts";
import { toHuggingFace, type HuggingFaceModel } from "../../interop/huggingface/save.ts";
import { saveHuggingFace } from "../../interop/node/folder.ts";
import { measuredParams } from "../../training/measured-params.ts";
import type { ReformerState } from "../../training/reformer-step.ts";
import { tokenizerFiles, tokenizerName } from "../../interop/huggingface/tokenizer-files.ts";
import { stateOfOrThrow } from "../../training/index.ts";
import type { Loaded } from "../../training/node/index.ts";
import { nextTokenName } from "../../training/task/name.ts";
import { openModel, type TaskCheckpoint } from "../open-model.ts";
import { loadModel, type LoadedModel, type ModelFlags } from "../load-model.ts";
import { tokenizerOption, withExamples } from "../options.ts";
import type { Services } from "../services.ts";
import { refuseTokenizer } from "../tokenizer-file.ts";
import { printLine } from "../terminal.ts";

interface Flags extends Pick<ModelFlags, "tokenizer"> {
  readonly checkpoint: string;
  readonly dtype: SerializeOptions["floats"];
}

/** `reformax export`. */
export const exportCommand = (services: Services): Command => {
  const command = new Command("export")
    .description(
      "Write a trained model, and its tokenizer, as a folder that HuggingFace's transformers load. Overwrites nothing.",
    )
    .argument("<folder>", "a new folder, for config.json and model.safetensors")
    .requiredOption(
      "--checkpoint <path>",
      "a run's folder, one checkpoint in it, or a .safetensors file",
    )
    .addOption(
      new Option("--dtype <type>", "what weights are stored as: bf16 and f16 are rounded")
        .choices(["f32", "bf16", "f16"])
        .default("f32"),
    )
    .addOption(tokenizerOption())
    .action((folder: string, flags: Flags) => write(folder, flags, services));
  return withExamples(command, "export hf-book --checkpoint runs/book");
};

async function write(folder: string, flags: Flags, services: Services): Promise<void> {
  const opened = openModel(flags.checkpoint, services);
  const { model, step, tokenizer } = await (opened.task
    ? ofTask(opened.task, flags, services)
    : ofNextToken(opened.loaded, flags, services));
  saveHuggingFace(folder, model, { floats: flags.dtype });
  printLine(`${model.tensors.size} tensors, step ${step}`);
  if (tokenizer) printLine(`its tokenizer is ${tokenizerName(tokenizer.kind)}`);
  printLine(`saved in ${folder}`);
}

/** What is written. */
interface Written {
  readonly model: HuggingFaceModel;
  readonly step: number;
  readonly tokenizer?: Pick<Tokenizer, "kind">;
}

async function ofNextToken(read: Loaded, flags: Flags, services: Services): Promise<Written> {
  const { checkpoint, tokenizer } = flags;
  const loaded = await loadModel(checkpoint, { backend: "wasm", tokenizer }, services, read);
  const params = measuredParams(loaded.config)(loaded.state as ReformerState);
  const model = toHuggingFace(loaded.config.model, params);
  const file = fileOfTokenizer(loaded, model.config);
  const { step } = loaded.checkpoint;
  return file
    ? { model: { ...model, tokenizer: file }, step, tokenizer: loaded.tokenizer }
    : { model, step };
}

async function ofTask(
  { kind, config, checkpoint }: TaskCheckpoint,
  { tokenizer }: Flags,
  services: Services,
): Promise<Written> {
  if (!kind.huggingFace) {
    throw inputError({
      where: "--checkpoint",
      problem: `HuggingFace has no Reformer for the task ${kind.name}`,
      expected: namesWith(services).join(", "),
    });
  }
  refuseTokenizer(tokenizer, kind.name);
  await services.startBackend({ backend: "wasm" });
  const state = stateOfOrThrow(checkpoint, kind.learner(config));
  return { model: kind.huggingFace.write(config, state), step: checkpoint.step };
}

/** The tasks whose models are written. */
const namesWith = ({ kinds }: Services): readonly string[] => [
  nextTokenName,
  ...Object.values(kinds)
    .filter(({ huggingFace }) => huggingFace)
    .map(({ name }) => name),
];

/** One that HuggingFace's Reformers do not read is told on standard error: the model is good without. */
function fileOfTokenizer(
  { tokenizer, tokenizerFile: file }: LoadedModel,
  config: JsonObject,
): Uint8Array | undefined {
  if (tokenizer === undefined) return undefined;
  const files = file && tokenizerFiles(file, config);
  if (files && E.isRight(files)) return file;
  const why = files ? new InputError(files.left).message : `${tokenizer.kind} has no file`;
  console.error(
    "reformax: the folder has no tokenizer: HuggingFace's Reformers do not read the model's, and reformax import takes it with " +
      `--tokenizer ${file ? "FILE" : tokenizer.kind}: ${why}`,
  );
  return undefined;
}
