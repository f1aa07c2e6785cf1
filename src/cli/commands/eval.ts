import { Command, Option } from "commander";
import type { JsonObject } from "../../edge/json.ts";
import { inputError, orThrow } from "../../edge/problem.ts";
import {
  contextRule,
  formatBits,
  measure,
  parameterHash,
  parametersOf,
  parseRange,
  tokensFrom,
  type TokenRange,
  type Tokens,
} from "../../training/index.ts";
import { characterBorder } from "../../training/data/encode-data.ts";
import { bytesOf, unitOf } from "../../training/data/tokens.ts";
import { ablations } from "../../training/reformer-model.ts";
import { strideOf } from "../../training/next-token/task.ts";
import { sha256, type Loaded } from "../../training/node/index.ts";
import { beamOptions, checkBeams, refuseBeams, type BeamFlags } from "../beam-options.ts";
import { counted } from "../format.ts";
import { hashedBy, hashOptions, openHashes, type HashFlags } from "../hash-files.ts";
import { loadModel, type LoadedModel, type ModelFlags } from "../load-model.ts";
import {
  arithmeticOption,
  backendOption,
  dataHelp,
  maxDataOption,
  roundsOption,
  tokenizerOption,
  withExamples,
  threadsOption,
} from "../options.ts";
import { evaluateTask } from "../evaluate-task.ts";
import { openModel } from "../open-model.ts";
import { isDataOf, readRunData } from "../prepare-run.ts";
import { nextTokenOf } from "../run-kinds.ts";
import type { Services } from "../services.ts";
import { printLine } from "../terminal.ts";

interface Flags extends ModelFlags, HashFlags, BeamFlags {
  readonly checkpoint: string;
  /** Absent where the task makes its data. */
  readonly data?: string;
  /** Bytes. */
  readonly maxData?: number;
  readonly range?: string;
  readonly rounds?: number;
  readonly ablate?: string;
}

/** `reformax eval`. */
export const evalCommand = (services: Services): Command => {
  const command = new Command("eval")
    .description(
      "Measure a trained model by its task's own metric: in bits per byte (or token), each predicted once; translations by BLEU.",
    )
    .requiredOption(
      "--checkpoint <path>",
      "a run's folder, one checkpoint in it, or a .safetensors file",
    )
    .option("--data <path>", dataHelp)
    .option(
      "--range <a:b>",
      "bytes (ids, lines) to measure (default: the validation part if these are the data of the run, else all)",
    )
    .addOption(tokenizerOption())
    .addOption(maxDataOption())
    .addOption(roundsOption())
    .addOption(
      new Option(
        "--ablate <what>",
        "take a part of the model away, to see what it is worth",
      ).choices(ablationsOf(services)),
    )
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(arithmeticOption())
    .action((flags: Flags) => evaluate(flags, services));
  for (const option of [...hashOptions(), ...beamOptions()]) command.addOption(option);
  return withExamples(
    command,
    "eval --checkpoint runs/book --data book.txt",
    "eval --checkpoint runs/book/step-00002000 --data other.txt --range 0:100000 --rounds 8",
    "eval --checkpoint runs/book --data book.txt --ablate lsh-buckets",
    "eval --checkpoint book.safetensors --data book.txt",
    "eval --checkpoint runs/translate --data pairs.tsv --beams 4",
  );
};

/** Of all tasks, each once. */
const ablationsOf = ({ kinds }: Services): readonly string[] => [
  ...new Set([...ablations, ...Object.values(kinds).flatMap((kind) => kind.ablations)]),
];

async function evaluate(flags: Flags, services: Services): Promise<void> {
  checkBeams(flags);
  const model = openModel(flags.checkpoint, services);
  await (model.task
    ? evaluateTask(model.task, flags, services)
    : evaluateNextToken(model.loaded, flags, services));
}

async function evaluateNextToken(read: Loaded, flags: Flags, services: Services): Promise<void> {
  refuseBeams(flags, "next-token");
  const { bytes, files } = readRunData(nextTokenOf(services), flags);
  const loaded = await loadModel(flags.checkpoint, flags, services, read);
  const format = loaded.tokenizer ? "text" : loaded.config.data.tokens;
  const { vocabulary } = loaded.model;
  // Of a text, bytes are chosen, and ids made of them.
  const source = format === "text" ? bytes : orThrow(tokensFrom(bytes, format, vocabulary));
  const range = flags.range === undefined ? undefined : orThrow(parseRange(flags.range, "--range"));
  const chosen = range === undefined ? defaultRange(loaded, source) : inside(range, source);
  const [from, to] = format === "text" ? chosen.map((at) => characterBorder(bytes, at)) : chosen;
  const { length, batch } = loaded.config.training;
  const stride = strideOf(length);
  const hash = parameterHash(parametersOf(loaded.checkpoint));
  const part = source.subarray(from, to);
  const tokens =
    format === "text"
      ? orThrow(tokensFrom(bytesOf(part), format, vocabulary, loaded.tokenizer))
      : part;
  const { rounds, ablate: ablation } = flags;
  const of: JsonObject = {
    ...hashedBy(loaded.config),
    parameters: hash,
    data: sha256(bytesOf(part)),
    pass: { rounds: rounds ?? null, ablation: ablation ?? null, stride },
  };
  const hashes = openHashes(flags, of, 0);
  const measured = await measure(loaded.model, loaded.state, tokens, {
    length,
    stride,
    batch,
    key: loaded.keys.evaluation,
    rounds,
    ablation,
    hashes,
    ...(format === "text" && { bytes: part.length }),
  }).finally(() => hashes?.close());
  const unit = unitOf(format);
  const over =
    format === "text" ? `bytes ${from}:${to}, ${tokens.length} tokens` : `${unit}s ${from}:${to}`;
  printLine(`${formatBits(measured, 4, " per ")} over ${over}`);
  printLine(`step ${loaded.checkpoint.step}; ${contextRule(length, stride, unit)}`);
  printLine(`parameters ${hash}`);
  printLine(`read ${bytes.length} bytes of ${counted(files, "file")}`);
}

function inside([from, to]: TokenRange, tokens: Tokens): TokenRange {
  if (from < to && to <= tokens.length) return [from, to];
  throw inputError({
    where: "--range",
    problem: from < to ? "goes beyond the data" : "is empty",
    expected: `a range within 0:${tokens.length}`,
    got: `${from}:${to}`,
  });
}

/** The validation tokens, if there are any and the data are those that the run was trained on. */
function defaultRange({ config, checkpoint }: LoadedModel, tokens: Tokens): TokenRange {
  const { train, validation } = config.data;
  const all: TokenRange = [0, tokens.length];
  if (train === null || validation === null || validation[1] > tokens.length) return all;
  if (validation[0] === validation[1]) return all;
  const parts = {
    train: bytesOf(tokens.subarray(...train)),
    validation: bytesOf(tokens.subarray(...validation)),
  };
  return isDataOf(checkpoint, parts) ? validation : all;
}
