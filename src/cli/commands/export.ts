import { Command, Option } from "commander";
import type { SerializeOptions } from "../../interop/safetensors/serialize.ts";
import { toHuggingFace } from "../../interop/huggingface/save.ts";
import { saveHuggingFace } from "../../interop/node/folder.ts";
import { measuredParams } from "../../training/measured-params.ts";
import type { ReformerState } from "../../training/reformer-step.ts";
import { tokenizerName } from "../../interop/huggingface/tokenizer-files.ts";
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
  const named = nameOfTokenizer(loaded);
  const file = named === undefined ? undefined : loaded.tokenizerFile;
  saveHuggingFace(folder, { ...model, ...(file && { tokenizer: file }) }, { floats: dtype });
  printLine(`${model.tensors.size} tensors, step ${loaded.checkpoint.step}`);
  if (named !== undefined) printLine(`its tokenizer is ${named}`);
  printLine(`saved in ${folder}`);
}

/** What the tokenizer's file is called there. One that HuggingFace's Reformers do not read is told on standard error: the model is good without. */
function nameOfTokenizer({ tokenizer }: LoadedModel): string | undefined {
  if (tokenizer === undefined) return undefined;
  const { kind } = tokenizer;
  const name = tokenizerName(kind);
  if (name === undefined) {
    const file = kind === "bytes+2" ? kind : "FILE";
    console.error(
      `reformax: the model's tokenizer, of the kind ${kind}, is none that HuggingFace's Reformers read: the folder has none, and ` +
        `reformax import takes it with --tokenizer ${file}`,
    );
  }
  return name;
}
