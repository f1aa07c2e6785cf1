import { Command } from "commander";
import { inputError, orThrow } from "../../edge/problem.ts";
import {
  fromHuggingFace,
  type HuggingFaceModel,
  type LoadedReformer,
} from "../../interop/index.ts";
import { readFolder } from "../../interop/node/folder.ts";
import { configJson } from "../../training/checkpoint/checkpoint.ts";
import { importedTask } from "../../training/checkpoint/imported-task.ts";
import { taskNameOf } from "../../training/checkpoint/task-config.ts";
import {
  importedCheckpoint,
  parameterHash,
  parametersOf,
  type Checkpoint,
} from "../../training/index.ts";
import { nextTokenName } from "../../training/task/name.ts";
import { storeCheckpoint } from "../../training/node/convert-checkpoint.ts";
import { loadLucidrains, loadTrax } from "../import-file.ts";
import { tokenizerOption, withExamples } from "../options.ts";
import type { Services } from "../services.ts";
import { printLine } from "../terminal.ts";
import {
  keepTokenizer,
  openTokenizer,
  refuseTokenizer,
  tokenizerIn,
  type NamedTokenizer,
} from "../tokenizer-file.ts";

interface Flags {
  readonly tokenizer?: string;
  readonly lucidrains?: string;
  readonly trax?: string;
}

/** A model, and its tokenizer where there is one. */
interface Read {
  readonly checkpoint: Checkpoint<object>;
  readonly tokenizer?: NamedTokenizer;
}

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
      const { checkpoint, tokenizer } = await read(from, flags, services);
      storeCheckpoint(to, checkpoint, { fault: services.fault });
      if (tokenizer) keepTokenizer(to, tokenizer, services.fault);
      printLine(`parameters ${parameterHash(parametersOf(checkpoint))}`);
      const task = taskNameOf(configJson(checkpoint.config));
      const use =
        task === nextTokenName ? "it can be measured, it writes" : `a model of the task ${task}`;
      printLine(`saved in ${to}: ${use}, and train --from goes on from it`);
    });
  return withExamples(
    command,
    "import hf-book book.safetensors",
    "import hf-enwik8 wiki.safetensors --tokenizer bytes+2",
    "import state.safetensors book.safetensors --lucidrains options.json",
    "import model.pkl.gz book.safetensors --trax options.json",
  );
};

async function read(from: string, flags: Flags, services: Services): Promise<Read> {
  const { lucidrains, trax } = flags;
  if (lucidrains !== undefined && trax !== undefined)
    throw inputError({ where: "--trax", problem: "cannot be with --lucidrains" });
  if (trax !== undefined) return ofNextToken(await loadTrax(from, trax), flags);
  if (lucidrains !== undefined)
    return ofNextToken(orThrow(loadLucidrains(from, lucidrains)), flags);
  const folder = readFolder(from);
  const task = taskOfFolder(folder, flags, services);
  if (task) return { checkpoint: task };
  const { config, tensors, tokenizer } = folder;
  const loaded = fromHuggingFace(config, tensors);
  return ofNextToken(loaded, flags, async () => tokenizer && tokenizerIn(from, tokenizer));
}

async function ofNextToken(
  { config, params }: LoadedReformer,
  { tokenizer: path }: Flags,
  own?: () => Promise<NamedTokenizer | undefined>,
): Promise<Read> {
  const tokenizer = await (path === undefined ? own?.() : openTokenizer(path));
  return {
    checkpoint: importedCheckpoint(config, params, { tokenizer: tokenizer?.name }),
    tokenizer,
  };
}

/** A model with the head of another task; undefined where it has none. */
function taskOfFolder(
  folder: HuggingFaceModel,
  { tokenizer }: Flags,
  { kinds, presets }: Services,
): Checkpoint<object> | undefined {
  const { architectures: names } = folder.config;
  for (const kind of Object.values(kinds)) {
    const head = kind.huggingFace;
    if (!head || !Array.isArray(names) || !names.includes(head.architecture)) continue;
    refuseTokenizer(tokenizer, kind.name);
    return importedTask(kind, head, presets[kind.defaultPreset], folder);
  }
  return undefined;
}
