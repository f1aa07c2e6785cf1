import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkKind, checkOptions } from "../../core/arguments.ts";
import { writeSynced } from "../../edge/node/atomic-write.ts";
import { makeNewFolder } from "../../edge/node/new-folder.ts";
import { readRegularFile } from "../../edge/node/read-file.ts";
import { inputError, orThrow, within } from "../../edge/problem.ts";
import { filesOf, readFiles } from "../huggingface/files.ts";
import { fromHuggingFace, type LoadedReformer, type LoadOptions } from "../huggingface/load.ts";
import type { HuggingFaceModel } from "../huggingface/save.ts";
import type { HeadKind } from "../huggingface/weights.ts";
import type { SerializeOptions } from "../safetensors/serialize.ts";

/** A file of weights is as large as its model, and is read at once. */
const mostBytes = 2 ** 36;

/**
 * A Reformer from a folder that HuggingFace's `save_pretrained` wrote, or that was downloaded from there: `config.json` with
 * `model.safetensors`, or with shards and their index. F16 and BF16 are widened to f32. Hash rotations and dropout are as in `fromHuggingFace`. Its
 * tokenizer is for `loadTokenizer`, which may refuse it.
 *
 * @throws InputError when it is no Reformer, when a file is missing or damaged, or as `fromHuggingFace`
 * @example
 * import { loadHuggingFace } from "reformax/interop/node";
 * const widthOf = (folder: string): number => loadHuggingFace(folder).config.width;
 */
export function loadHuggingFace<Kind extends HeadKind = "tokens">(
  folder: string,
  options: LoadOptions<Kind> = {},
): LoadedReformer<Kind> & Pick<HuggingFaceModel, "tokenizer"> {
  checkKind(folder, "path", "the folder", "loadHuggingFace");
  checkOptions(options, { head: ["tokens", "classes", "spans", "none"] }, "loadHuggingFace");
  const { config, tensors, tokenizer } = readFolder(folder);
  return { ...fromHuggingFace(config, tensors, options), ...(tokenizer && { tokenizer }) };
}

/** What is in such a folder, whatever head it has. */
export function readFolder(folder: string): HuggingFaceModel {
  if (!existsSync(folder)) throw inputError({ where: folder, problem: "does not exist" });
  const read = (name: string): Uint8Array | undefined => {
    const path = join(folder, name);
    return existsSync(path) ? readRegularFile(path, { most: mostBytes }) : undefined;
  };
  return orThrow(within(`${folder}: `)(readFiles(read)));
}

/**
 * Writes a new folder that HuggingFace's `from_pretrained` reads. It appears under its name when all of it is on the disk.
 *
 * @param model - as `toHuggingFace` gives it
 * @param options - how floats are stored: short ones are rounded
 * @throws InputError when there is something of this name already, or the place cannot be written
 * @example
 * import { toHuggingFace } from "reformax/interop";
 * import { saveHuggingFace } from "reformax/interop/node";
 * type Model = Parameters<typeof toHuggingFace>;
 * const save = (folder: string, ...model: Model): void => saveHuggingFace(folder, toHuggingFace(...model));
 */
export function saveHuggingFace(
  folder: string,
  model: HuggingFaceModel,
  options: SerializeOptions = {},
): void {
  checkKind(folder, "path", "the folder", "saveHuggingFace");
  const files = filesOf(model, options, "saveHuggingFace");
  makeNewFolder(folder, (temporary) => {
    for (const [name, bytes] of files) writeSynced(join(temporary, name), bytes);
  });
}
