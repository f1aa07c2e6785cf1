import { InvalidArgumentError, Option, type Command } from "commander";
import { arithmetics, mostThreads } from "../backends/wasm/index.ts";
import type { BackendName } from "../init.ts";

/** Reads a whole number of at least `min`. */
export const wholeNumber =
  (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** Reads a number for which `holds` holds; `expected` says in words what that is. */
export const realNumber =
  (expected: string, holds: (value: number) => boolean) =>
  (text: string): number => {
    const value = text.trim() === "" ? NaN : Number(text);
    if (Number.isFinite(value) && holds(value)) return value;
    throw new InvalidArgumentError(`It must be ${expected}.`);
  };

/** Reads `name=path`, given once or more. */
export function namedPaths(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at <= 0 || at === text.length - 1) {
    throw new InvalidArgumentError("It must be a name and a path, as in enwik8=enwik8.gz.");
  }
  const name = text.slice(0, at);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} was given twice.`);
  return { ...before, [name]: text.slice(at + 1) };
}

const units: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Reads a number of bytes, as in `1500000`, `512MiB` or `3.5G`. */
export function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]?)(?:iB|B)?$/i.exec(text.trim());
  const bytes = match ? Math.floor(Number(match[1]) * units[match[2].toUpperCase()]) : 0;
  if (bytes >= 1) return bytes;
  throw new InvalidArgumentError("It must be a number of bytes, as in 512MiB or 3.5GiB.");
}

export const dataHelp = "a file, a .gz file, a folder of them, or - for standard input";

export const maxDataOption = (): Option =>
  new Option(
    "--max-data <bytes>",
    "stop with an error where there are more data, decompressed (default: 2GiB)",
  ).argParser(byteCount);

export const tokenizerOption = (): Option =>
  new Option(
    "--tokenizer <file>",
    "makes ids of texts: a tokenizer.json, a .model of sentencepiece, a .subwords of trax, or bytes+2 " +
      "(default: the model's own, else none)",
  );

export const seedOption = (): Option =>
  new Option("--seed <n>", "seed of all random choices").argParser(wholeNumber(0, 2 ** 32 - 1));

export const roundsOption = (): Option =>
  new Option(
    "--rounds <n>",
    "hash rounds; more are slower and hash better (default: as configured)",
  ).argParser(wholeNumber(1, 64));

export const productsOption = (): Option =>
  new Option(
    "--products <kind>",
    "what matrix products on a graphics processor round their operands to; resuming goes on with it (default: f32)",
  ).choices(["f32", "f16"]);

const backends: readonly BackendName[] = ["wasm", "webgpu", "auto", "reference"];

/** Those that say where their time goes. */
export const timedBackends: readonly BackendName[] = ["wasm", "webgpu", "auto"];

export const backendOption = (choices = backends): Option =>
  new Option(
    "--backend <name>",
    "what computes: kernels on the CPU, kernels on a graphics processor, " +
      `the faster of them that is there${choices === backends ? ", or the slow plain interpreter" : ""}`,
  )
    .choices(choices)
    .default("wasm");

export const threadsOption = (): Option =>
  new Option(
    "--threads <n>",
    "threads of the fast kernels; the result is the same with any number " +
      "(default: REFORMAX_THREADS, else one per core)",
  ).argParser(wholeNumber(1, mostThreads));

export const arithmeticOption = (): Option =>
  new Option(
    "--arithmetic <kind>",
    "how sums of products round: strict is the same everywhere, relaxed is faster and the same on " +
      "one kind of machine (default: as configured)",
  ).choices(arithmetics);

/** Adds examples to a command's help. */
export const withExamples = (command: Command, ...examples: readonly string[]): Command =>
  command.addHelpText(
    "after",
    `\nExamples:\n${examples.map((line) => `  $ reformax ${line}`).join("\n")}`,
  );
