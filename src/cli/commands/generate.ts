import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { inputError } from "../../edge/problem.ts";
import { generate, type DecodeMethod } from "../../training/index.ts";
import { uniformOf } from "../../training/run-keys.ts";
import { loadModel } from "../load-model.ts";
import {
  arithmeticOption,
  backendOption,
  realNumber,
  roundsOption,
  seedOption,
  threadsOption,
  wholeNumber,
  withExamples,
} from "../options.ts";
import type { BackendFlags, Services } from "../services.ts";
import type { ShippedModel } from "../shipped-model.ts";

interface Flags extends BackendFlags {
  readonly checkpoint?: string;
  readonly prompt?: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
  readonly rounds?: number;
  readonly decode: DecodeMethod;
}

/** `reformax generate`. */
export const generateCommand = (services: Services): Command => {
  const command = new Command("generate")
    .description("Let a trained model continue a text, byte by byte.")
    .option(
      "--checkpoint <path>",
      "a run's folder, one checkpoint in it, or a .safetensors file " +
        "(default: a small model of a novel, which comes with reformax)",
    )
    .option(
      "--prompt <text>",
      "what to continue (default: a sentence of the novel for that model, else a new line)",
    )
    .addOption(new Option("--tokens <n>", "bytes to write").argParser(wholeNumber(0)).default(300))
    .addOption(
      new Option("--temperature <t>", "0: always the most likely byte; 1: as the model believes")
        .argParser(realNumber("a number at least 0", (t) => t >= 0))
        .default(0.6),
    )
    .addOption(
      new Option("--top-k <k>", "choose among the k most likely bytes").argParser(wholeNumber(1)),
    )
    .addOption(
      new Option(
        "--top-p <p>",
        "choose among the fewest bytes that together have probability p",
      ).argParser(realNumber("a number above 0 and at most 1", (p) => p > 0 && p <= 1)),
    )
    .addOption(
      new Option(
        "--decode <how>",
        "cache: keep what was read, so that a byte costs what one byte costs; recompute: predict every byte anew from the last ones",
      )
        .choices(["cache", "recompute"])
        .default("cache"),
    )
    .addOption(seedOption().default(0))
    .addOption(roundsOption())
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(arithmeticOption())
    .action((flags: Flags) => write(flags, services));
  return withExamples(
    command,
    "generate",
    'generate --prompt "The old woman " --seed 2',
    'generate --checkpoint runs/book --prompt "It was " --tokens 500 --temperature 0.8',
    "generate --checkpoint runs/book --top-p 0.9 --seed 7",
  );
};

async function write(flags: Flags, services: Services): Promise<void> {
  const { tokens, seed } = flags;
  const { path, prompt } = sourceOf(flags, services.shippedModel);
  const loaded = await loadModel(path, flags, services);
  if (loaded.config.data.tokens !== "bytes") {
    throw inputError({
      where: "--checkpoint",
      problem: "this model writes ids of a vocabulary, and generate writes text byte by byte",
      expected: "a model of bytes",
      got: `${loaded.model.vocabulary} ids (data.tokens is ${loaded.config.data.tokens})`,
    });
  }
  const beginning = new TextEncoder().encode(prompt);
  const written = generate(loaded.model, loaded.state, beginning, tokens, {
    temperature: flags.temperature,
    topK: flags.topK,
    topP: flags.topP,
    rounds: flags.rounds,
    decode: loaded.model.reader ? flags.decode : "recompute",
    context: loaded.config.training.length,
    key: loaded.keys.evaluation,
    uniform: uniformOf(services.runKeys(seed)),
  });
  process.stdout.write(beginning);
  for await (const byte of written) process.stdout.write(Uint8Array.of(byte));
  process.stdout.write("\n");
}

/** The user's checkpoint, or the model that comes with the package. */
function sourceOf({ checkpoint, prompt }: Flags, shipped: ShippedModel): ShippedModel {
  if (checkpoint !== undefined) return { path: checkpoint, prompt: prompt ?? "" };
  if (existsSync(shipped.path)) return { path: shipped.path, prompt: prompt ?? shipped.prompt };
  throw inputError({
    where: shipped.path,
    problem: "the model that comes with reformax is missing",
    fix: "Install reformax again, or name a checkpoint of your own with --checkpoint.",
  });
}
