import { Command } from "commander";
import { inputError, orThrow } from "../../edge/problem.ts";
import type { HuggingFaceModel, LoadedReformer } from "../../interop/index.ts";
import { loadHuggingFace } from "../../interop/node/folder.ts";
import { importedCheckpoint, parameterHash, parametersOf } from "../../training/index.ts";
import { storeCheckpoint } from "../../training/node/convert-checkpoint.ts";
import { loadLucidrains, loadTrax } from "../import-file.ts";
import { tokenizerOption, withExamples } from "../options.ts";
import type { Services } from "../services.ts";
import { printLine } from "../terminal.ts";
import { keepTokenizer, openTokenizer, tokenizerIn } from "../tokenizer-file.ts";

interface Flags {
  readonly tokenizer?: string;
  readonly lucidrains?: string;
  readonly trax?: string;
}

/** A model, and the file of its tokenizer where there is one. */
type Loaded = LoadedReformer & Pick<HuggingFaceModel, "tokenizer">;

/** `reformax import`. */
export const importCommand = (services: Services): Command => {
  const command = new Command("import")
    .description(
      "Read a Reformer of HuggingFace's (a folder), of lucidrains' (its state dict as safetensors), or of trax (a .pkl.gz), as a checkpoint. Overwrites nothing.",
    )
    .argument(
      "<from>",
      "a folder with config.json, and model.safetensors or its shards and their index; with --lucidrains or --trax a file",
    )
    .argument("<to>", "a new file, if it ends in .safetensors, or a new run's folder")
    .addOption(tokenizerOption())
    .option(
      "--lucidrains <options.json>",
      "the file is the state dict of reformer-pytorch's ReformerLM, constructed with these options",
    )
    .option(
      "--trax <options.json>",
      "the file is a checkpoint of trax's ReformerLM, constructed with these options and gin's of its attention",
    )
    .action(async (from: string, to: string, flags: Flags) => {
      await services.startBackend({ backend: "wasm" });
      const { config, params, tokenizer } = await load(from, flags);
      const named = await (flags.tokenizer !== undefined
        ? openTokenizer(flags.tokenizer)
        : tokenizer && tokenizerIn(from, tokenizer));
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
    "import state.safetensors book.safetensors --lucidrains options.json",
    "import model.pkl.gz book.safetensors --trax options.json",
  );
};

async function load(from: string, { lucidrains, trax }: Flags): Promise<Loaded> {
  if (lucidrains !== undefined && trax !== undefined)
    throw inputError({ where: "--trax", problem: "cannot be with --lucidrains" });
  if (trax !== undefined) return loadTrax(from, trax);
  return lucidrains === undefined
    ? loadHuggingFace(from)
    : orThrow(loadLucidrains(from, lucidrains));
}
