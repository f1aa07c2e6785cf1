import { Command } from "commander";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { readRegularFile } from "../../edge/node/read-file.ts";
import { orThrow, within, type Validated } from "../../edge/problem.ts";
import {
  fromLucidrains,
  safetensors,
  type HuggingFaceModel,
  type LoadedReformer,
} from "../../interop/index.ts";
import { loadHuggingFace } from "../../interop/node/folder.ts";
import { importedCheckpoint, parameterHash, parametersOf } from "../../training/index.ts";
import { storeCheckpoint } from "../../training/node/convert-checkpoint.ts";
import { readConfigFile, attempt } from "../read-config.ts";
import { tokenizerOption, withExamples } from "../options.ts";
import type { Services } from "../services.ts";
import { printLine } from "../terminal.ts";
import { keepTokenizer, openTokenizer, tokenizerIn } from "../tokenizer-file.ts";

interface Flags {
  readonly tokenizer?: string;
  readonly lucidrains?: string;
}

/** A model, and the file of its tokenizer where there is one. */
type Loaded = LoadedReformer & Pick<HuggingFaceModel, "tokenizer">;

/** `reformax import`. */
export const importCommand = (services: Services): Command => {
  const command = new Command("import")
    .description(
      "Read a Reformer of HuggingFace's (a folder), or of lucidrains' (its state dict as safetensors), as a checkpoint. Overwrites nothing.",
    )
    .argument(
      "<from>",
      "a folder with config.json, and model.safetensors or its shards and their index; with --lucidrains a file",
    )
    .argument("<to>", "a new file, if it ends in .safetensors, or a new run's folder")
    .addOption(tokenizerOption())
    .option(
      "--lucidrains <options.json>",
      "the file is the state dict of reformer-pytorch's ReformerLM, constructed with these options",
    )
    .action(async (from: string, to: string, flags: Flags) => {
      await services.startBackend({ backend: "wasm" });
      const isFile = flags.lucidrains !== undefined;
      const { config, params, tokenizer }: Loaded = isFile
        ? orThrow(loadLucidrains(from, flags.lucidrains))
        : loadHuggingFace(from);
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
  );
};

/** A file of weights is as large as its model, and is read at once. */
const mostBytes = 2 ** 36;

const loadLucidrains = (file: string, optionsFile: string): Validated<LoadedReformer> =>
  pipe(
    readConfigFile(optionsFile),
    E.chain((options) =>
      pipe(
        attempt(() => readRegularFile(file, { most: mostBytes })),
        E.chain((bytes) => within(`${file}: `)(safetensors.parse(bytes))),
        E.chain((tensors) => fromLucidrains(options, tensors)),
      ),
    ),
  );
