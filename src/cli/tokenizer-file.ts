import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readRegularFile } from "../edge/node/read-file.ts";
import { InputError, inputError, orThrow, within } from "../edge/problem.ts";
import { bytesPlusTwo, type Tokenizer, type TokenizerKind } from "../interop/index.ts";
import { readTokenizer } from "../interop/tokenizers/load.ts";
import { writeAtomically, sha256, type FaultHook } from "../training/node/index.ts";

/** A tokenizer, and the name that configurations know it by. */
export interface NamedTokenizer {
  readonly tokenizer: Tokenizer;
  /** The SHA-256 of its file, or what it is called where it has none. */
  readonly name: string;
  /** The bytes of its file. */
  readonly file?: Uint8Array;
}

/** A file of a vocabulary is never as large. */
const mostBytes = 2 ** 28;

/** Names that a file of a kind has beside checkpoints. */
const endings: Readonly<Record<Exclude<TokenizerKind, "bytes+2">, string>> = {
  "tokenizer.json": ".json",
  sentencepiece: ".model",
  subwords: ".subwords",
};

/** The tokenizer of `--tokenizer`. */
export async function openTokenizer(path: string): Promise<NamedTokenizer> {
  if (path === bytesPlusTwo.kind) return { tokenizer: bytesPlusTwo, name: path };
  const file = readRegularFile(path, { most: mostBytes, doing: "read the tokenizer" });
  return named(path, file);
}

const named = async (path: string, file: Uint8Array): Promise<NamedTokenizer> => ({
  tokenizer: await orThrow(within(`${path}: `)(readTokenizer(file))).open(),
  name: sha256(file),
  file,
});

/**
 * The tokenizer that a checkpoint's configuration names: its file lies in the run's folder, or beside the single file.
 *
 * @param path - of the checkpoint or of the run
 */
export async function tokenizerOf(path: string, name: string): Promise<NamedTokenizer> {
  if (name === bytesPlusTwo.kind) return openTokenizer(name);
  const stems =
    existsSync(path) && statSync(path).isFile()
      ? [stemBeside(path)]
      : [join(path, "tokenizer"), join(dirname(path), "tokenizer")];
  const places = stems.flatMap((stem) => Object.values(endings).map((ending) => stem + ending));
  const found = places.filter((place) => existsSync(place));
  for (const place of found) {
    const opened = await openTokenizer(place);
    if (opened.name === name) return opened;
  }
  throw inputError({
    where: path,
    problem:
      found.length === 0
        ? "the tokenizer of the model is not there"
        : `${found.join(", ")} is not the tokenizer that the model was trained with`,
    expected: `the file whose SHA-256 is ${name}`,
    fix: "Name its file with --tokenizer.",
  });
}

/** As in `book.tokenizer`, beside `book.safetensors`. */
const stemBeside = (path: string): string =>
  join(dirname(path), `${basename(path, ".safetensors")}.tokenizer`);

/** The tokenizer of a folder of HuggingFace's; one that cannot be used is told on standard error. */
export async function tokenizerIn(
  folder: string,
  file: Uint8Array,
): Promise<NamedTokenizer | undefined> {
  try {
    return await named(folder, file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(`reformax: ${error.message}`);
    return undefined;
  }
}

/** Other tasks than the next token read no tokens of one. */
export function refuseTokenizer(path: string | undefined, task: string): void {
  if (path === undefined) return;
  throw inputError({
    where: "--tokenizer",
    problem: `is nothing for the task ${task}`,
    expected: "a model of the next token",
  });
}

/**
 * Keeps a tokenizer's file where {@link tokenizerOf} finds it.
 *
 * @param path - a run's folder, or a checkpoint in one file
 */
export function keepTokenizer(
  path: string,
  { tokenizer, file }: NamedTokenizer,
  fault: FaultHook,
): void {
  const { kind } = tokenizer;
  if (file === undefined || kind === "bytes+2") return;
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const stem = isFolder ? join(path, "tokenizer") : stemBeside(path);
  writeAtomically(stem + endings[kind], file, fault);
}

/** Puts the tokenizer that a checkpoint's configuration names beside what was made of the checkpoint. */
export async function copyTokenizer(
  from: string,
  to: string,
  config: object & { readonly data?: { readonly tokenizer?: string } },
  fault: FaultHook,
): Promise<void> {
  const name = config.data?.tokenizer;
  if (name === undefined) return;
  try {
    keepTokenizer(to, await tokenizerOf(from, name), fault);
  } catch (error) {
    // The checkpoint is good without: whoever uses it names the tokenizer.
    if (!(error instanceof InputError)) throw error;
    console.error(`reformax: ${error.message}`);
  }
}
