import { existsSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { inputError } from "../../edge/problem.ts";
import {
  beamSearch,
  generateAll,
  type BeamSearchOptions,
  type DecodeMethod,
  type GenerateOptions,
} from "../../training/index.ts";
import { uniformOf } from "../../training/run-keys.ts";
import { loadModel, type LoadedModel, type ModelFlags } from "../load-model.ts";
import {
  arithmeticOption,
  backendOption,
  roundsOption,
  seedOption,
  tokenizerOption,
  threadsOption,
  wholeNumber,
  withExamples,
} from "../options.ts";
import { beamOptions, checkBeams, type BeamFlags } from "../beam-options.ts";
import { another, promptOptions, promptsOf, type PromptFlags } from "../prompts.ts";
import { samplingOf, samplingOptions, type SamplingFlags } from "../sampling-options.ts";
import type { Services } from "../services.ts";
import type { ShippedModel } from "../shipped-model.ts";
import { prompted, type Prompted } from "../prompted.ts";

interface Flags extends ModelFlags, SamplingFlags, PromptFlags, BeamFlags {
  readonly checkpoint?: string;
  readonly tokens: number;
  readonly stop?: readonly string[];
  readonly seed: number;
  readonly rounds?: number;
  readonly decode: DecodeMethod;
}

/** `reformax generate`. */
export const generateCommand = (services: Services): Command => {
  const command = new Command("generate")
    .description("Let a trained model continue texts: sampled, or the best by beams.")
    .option(
      "--checkpoint <path>",
      "a run's folder, one checkpoint in it, or a .safetensors file " +
        "(default: a small model of a novel, which comes with reformax)",
    )
    .addOption(new Option("--tokens <n>", "bytes to write").argParser(wholeNumber(0)).default(300))
    .addOption(
      new Option(
        "--stop <text>",
        "end where this would be written, without it; may be given more than once",
      ).argParser(anotherStop),
    )
    .addOption(
      new Option(
        "--decode <how>",
        "cache: keep what was read, so that a byte costs what one byte costs; recompute: predict every byte anew from the last ones; " +
          "huggingface: a cache as transformers' Reformer has it; streaming: a cache that forgets what was first, so that texts have no end",
      )
        .choices(["cache", "streaming", "recompute", "huggingface"])
        .default("cache"),
    )
    .addOption(tokenizerOption())
    .addOption(seedOption().default(0))
    .addOption(roundsOption())
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(arithmeticOption())
    .action((flags: Flags) => write(flags, services));
  const more = [...promptOptions(), ...samplingOptions(), ...beamOptions()];
  for (const option of more) command.addOption(option);
  return withExamples(
    command,
    "generate",
    'generate --prompt "The old woman " --seed 2',
    'generate --checkpoint runs/book --prompt "It was " --tokens 500 --temperature 0.8',
    "generate --checkpoint runs/book --top-p 0.9 --repetition-penalty 1.1 --seed 7",
    'generate --prompt "It was " --beams 4 --stop "."',
    'generate --checkpoint runs/crime --prompt "A few months later" --decode huggingface',
    'generate --checkpoint runs/sinusoid --prompt "Once " --tokens 100000 --decode streaming',
    'generate --prompt "He said: " --prompt "She said: " --stop "." --min-p 0.1',
  );
};

function anotherStop(text: string, before?: readonly string[]): readonly string[] {
  if (text !== "") return another(text, before);
  throw new InvalidArgumentError("It must be one character or more.");
}

async function write(flags: Flags, services: Services): Promise<void> {
  checkBeams(flags);
  const { path, prompts } = sourceOf(flags, services.shippedModel);
  const stops = (flags.stop ?? []).map((stop) => new TextEncoder().encode(stop));
  const loaded = await loadModel(path, flags, services);
  const { beginnings, decoder } = prompted(loaded, prompts);
  const reading = {
    stops,
    decoder,
    rounds: flags.rounds,
    decode: flags.decode === "cache" && !loaded.model.reader ? "recompute" : flags.decode,
    context: loaded.config.training.length,
    key: loaded.keys.evaluation,
  } as const;
  if (flags.decode === "streaming") sayWhatIsForgotten(loaded, beginnings);
  const written =
    flags.beams === undefined
      ? generateAll(loaded.model, loaded.state, beginnings, flags.tokens, {
          ...samplingOf(flags),
          ...reading,
          uniform: uniformsOf(flags.seed, services),
        })
      : likeliest(loaded, beginnings, flags.tokens, {
          ...reading,
          beams: flags.beams,
          lengthPenalty: flags.lengthPenalty,
        });
  await (prompts.length === 1 ? stream(prompts[0], written) : printAll(prompts, written));
}

/** Streaming forgets, and says so. */
function sayWhatIsForgotten(
  { config, model }: LoadedModel,
  beginnings: Prompted["beginnings"],
): void {
  const context = Math.min(config.training.length, model.reader?.longest ?? Infinity);
  const kinds = model.layers.filter((kind) => kind !== "local");
  if (kinds.length > 0) {
    const which = [...new Set(kinds)].sort().join(" and ");
    console.error(
      `reformax: streaming: ${which} layers see the last ${context} tokens of a text; what is before them is forgotten`,
    );
  }
  beginnings.forEach(({ length }, i) => {
    if (length <= context) return;
    const which = beginnings.length === 1 ? "the prompt" : `prompt ${i + 1}`;
    console.error(
      `reformax: streaming: the first ${length - context} of ${length} tokens of ${which} are not read`,
    );
  });
}

/** Text n of several is what the n-th seed behind the first one writes alone. */
const uniformsOf = (
  seed: number,
  { runKeys }: Pick<Services, "runKeys">,
): GenerateOptions["uniform"] => {
  const byText = new Map<number, (n: number) => number>();
  return (n, text) => {
    const uniform = byText.get(text) ?? uniformOf(runKeys((seed + text) % 2 ** 32));
    byText.set(text, uniform);
    return uniform(n);
  };
};

/** The best text after each prompt, one after the other. */
async function* likeliest(
  { model, state }: LoadedModel,
  beginnings: Prompted["beginnings"],
  count: number,
  options: BeamSearchOptions,
): Written {
  for (const [i, beginning] of beginnings.entries()) {
    const [best] = await beamSearch(model, state, beginning, count, options);
    yield beginnings.map((_, text) => (text === i ? best.text : []));
  }
}

type Written = AsyncGenerator<readonly (readonly number[])[]>;

/** Shows a text while it is written. */
async function stream(prompt: string, written: Written): Promise<void> {
  process.stdout.write(prompt);
  for await (const [bytes] of written) process.stdout.write(Uint8Array.from(bytes));
  process.stdout.write("\n");
}

/** Shows several texts, one below the other, when they are written. */
async function printAll(prompts: readonly string[], written: Written): Promise<void> {
  const texts = prompts.map((prompt) => [...new TextEncoder().encode(prompt)]);
  for await (const got of written) got.forEach((bytes, i) => texts[i].push(...bytes));
  texts.forEach((text, i) => {
    process.stdout.write(`--- ${i + 1} of ${texts.length}\n`);
    process.stdout.write(Uint8Array.from(text));
    process.stdout.write("\n");
  });
}

/** The user's checkpoint, or the model that comes with the package. */
function sourceOf(
  { checkpoint, ...flags }: Flags,
  shipped: ShippedModel,
): { readonly path: string; readonly prompts: readonly string[] } {
  const given = promptsOf(flags);
  if (checkpoint !== undefined) return { path: checkpoint, prompts: given ?? [""] };
  if (existsSync(shipped.path)) return { path: shipped.path, prompts: given ?? [shipped.prompt] };
  throw inputError({
    where: shipped.path,
    problem: "the model that comes with reformax is missing",
    fix: "Install reformax again, or name a checkpoint of your own with --checkpoint.",
  });
}
