import { Command } from "commander";
import { loadHuggingFace } from "../../interop/node/folder.ts";
import { importedCheckpoint, parameterHash, parametersOf } from "../../training/index.ts";
import { storeCheckpoint } from "../../training/node/convert-checkpoint.ts";
import { tokenizerOption, withExamples } from "../options.ts";
import type { Services } from "../services.ts";
import { printLine } from "../terminal.ts";
import { keepTokenizer, openTokenizer, tokenizerIn } from "../tokenizer-file.ts";

interface Flags {
  readonly tokenizer?: string;
}

/** `reformax import`. */
export const importCommand = (services: Services): Command => {
  const command = new Command("import")
    .description(
      "Read a folder of HuggingFace's Reformer (config.json, safetensors) as a checkpoint. Overwrites nothing.",
    )
    .argument("<folder>", "with config.json, and model.safetensors or its shards and their index")
    .argument("<to>", "a new file, if it ends in .safetensors, or a new run's folder")
    .addOption(tokenizerOption())
    .action(async (folder: string, to: string, flags: Flags) => {
      await services.startBackend({ backend: "wasm" });
      const { config, params } = loadHuggingFace(folder);
      const named = await (flags.tokenizer === undefined
        ? tokenizerIn(folder)
        : openTokenizer(flags.tokenizer));
      const checkpoint = importedCheckpoint(config, params, { tokenizer: named?.name });
      storeCheckpoint(to, checkpoint, { fault: services.fault });
      if (named) keepTokenizer(to, named, services.fault);
      printLine(`parameters ${parameterHash(parametersOf(checkpoint))}`);
      printLine(`saved in ${to}: it can be measured, it writes, and train --from goes on from it`);
    });
  return withExamples(
    command,
    "import hf-book book.safetensors",
    "import hf-enwik8 wiki.safetensors --tokenizer bytes+2",
  );
};
