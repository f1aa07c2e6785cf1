import { Command, Option } from "commander";
import * as E from "fp-ts/lib/Either.js";
import type { JsonObject } from "../../edge/json.ts";
import { InputError } from "../../edge/problem.ts";
import type { SerializeOptions } from "../../interop/safetensors/serialize.ts";
import { toHuggingFace } from "../../interop/huggingface/save.ts";
import { saveHuggingFace } from "../../interop/node/folder.ts";
import { measuredParams } from "../../training/measured-params.ts";
import type { ReformerState } from "../../training/reformer-step.ts";
import { tokenizerFiles, tokenizerName } from "../../interop/huggingface/tokenizer-files.ts";
import { loadModel, type LoadedModel, type ModelFlags } from "../load-model.ts";
import { tokenizerOption, withExamples } from "../options.ts";
import type { Services } from "../services.ts";
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
  const { checkpoint, dtype, tokenizer } = flags;
  const loaded = await loadModel(checkpoint, { backend: "wasm", tokenizer }, services);
  const params = measuredParams(loaded.config)(loaded.state as ReformerState);
  const model = toHuggingFace(loaded.config.model, params);
  const file = fileOfTokenizer(loaded, model.config);
  saveHuggingFace(folder, { ...model, ...(file && { tokenizer: file }) }, { floats: dtype });
  printLine(`${model.tensors.size} tensors, step ${loaded.checkpoint.step}`);
  if (loaded.tokenizer && file)
    printLine(`its tokenizer is ${tokenizerName(loaded.tokenizer.kind)}`);
  printLine(`saved in ${folder}`);
}

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
