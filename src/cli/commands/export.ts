import { Command, Option } from "commander";
import type { SerializeOptions } from "../../interop/safetensors/serialize.ts";
import { toHuggingFace } from "../../interop/huggingface/save.ts";
import { saveHuggingFace } from "../../interop/node/folder.ts";
import { measuredParams } from "../../training/measured-params.ts";
import type { ReformerState } from "../../training/reformer-step.ts";
import { loadModel } from "../load-model.ts";
import { withExamples } from "../options.ts";
import type { Services } from "../services.ts";
import { printLine } from "../terminal.ts";

interface Flags {
  readonly checkpoint: string;
  readonly dtype: SerializeOptions["floats"];
}

/** `reformax export`. */
export const exportCommand = (services: Services): Command => {
  const command = new Command("export")
    .description(
      "Write a trained model as a folder that HuggingFace's transformers load. Overwrites nothing.",
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
    .action((folder: string, flags: Flags) => write(folder, flags, services));
  return withExamples(command, "export hf-book --checkpoint runs/book");
};

async function write(folder: string, flags: Flags, services: Services): Promise<void> {
  const { checkpoint, dtype } = flags;
  const loaded = await loadModel(checkpoint, { backend: "wasm" }, services);
  const params = measuredParams(loaded.config)(loaded.state as ReformerState);
  const model = toHuggingFace(loaded.config.model, params);
  saveHuggingFace(folder, model, { floats: dtype });
  printLine(`${model.tensors.size} tensors, step ${loaded.checkpoint.step}`);
  printLine(`saved in ${folder}`);
}
