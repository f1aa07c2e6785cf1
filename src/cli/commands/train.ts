import { Command, Option } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BackendLostError, NonFiniteError } from "../../core/errors.ts";
import { toHost } from "../../core/to-host.ts";
import {
  checkpointOf,
  finish,
  parameterHash,
  parametersOf,
  type HashReplay,
  stateOfOrThrow,
  tensorsOf,
  trainAhead,
  type Task,
  type TrainOutcome,
  type TrainStart,
} from "../../training/index.ts";
import {
  loadAnyCheckpoint,
  peakMemoryBytes,
  saveCheckpoint,
  stepsIn,
} from "../../training/node/index.ts";
import { inputError, orThrow } from "../../edge/problem.ts";
import { checkpointName } from "../../training/checkpoint/manifest.ts";
import { withNewHead } from "../../training/checkpoint/new-head.ts";
import type { LearnedTask } from "../../training/task/learner.ts";
import { choicesOf, withChoices } from "../device-choices.ts";
import { counted } from "../format.ts";
import { hashedBy, hashOptions, openHashes, type HashFlags } from "../hash-files.ts";
import { catchInterrupt, type Interrupt } from "../interrupt.ts";
import {
  arithmeticOption,
  backendOption,
  byteCount,
  dataHelp,
  maxDataOption,
  productsOption,
  seedOption,
  tokenizerOption,
  wholeNumber,
  withExamples,
  threadsOption,
} from "../options.ts";
import type { TrainFlags } from "../choose-config.ts";
import { checkOut, prepareRun, type PreparedRun } from "../prepare-run.ts";
import { taskNames } from "../run-kinds.ts";
import { createProgress } from "../progress/index.ts";
import { exitCodes, type SetExitCode } from "../exit-codes.ts";
import { openMetrics } from "../run-folder.ts";
import { lockRun } from "../run-lock.ts";
import { flushOutput } from "../standard-output.ts";
import type { BackendFlags, Services, StartedBackend } from "../services.ts";
import { printLine } from "../terminal.ts";
import { keepTokenizer } from "../tokenizer-file.ts";

interface Flags extends TrainFlags, BackendFlags, HashFlags {
  readonly steps?: number;
}

/** `reformax train`. */
export const trainCommand = (services: Services, setExitCode: SetExitCode): Command => {
  const presets = Object.keys(services.presets).join(", ");
  const command = new Command("train")
    .description(
      "Train a Reformer on the bytes of a text or on ids of a vocabulary, or on pairs of texts or texts with labels, one a line.",
    )
    .addOption(
      new Option("--task <name>", "what to learn (default: what the preset is for)").choices([
        ...taskNames(services),
      ]),
    )
    .option("--preset <name>", `configuration to start from: ${presets}`)
    .option("--config <file>", "JSON laid over the preset")
    .option(
      "--data <path>",
      `${dataHelp}; MIDI files, PNG or MNIST images for tasks of those; toy tasks need none`,
    )
    .option("--split <a:b,c:d>", "bytes (ids, lines) to train on, to validate on")
    .requiredOption("--out <folder>", "where checkpoints and metrics.jsonl go")
    .addOption(
      new Option(
        "--steps <n>",
        "step at which to stop (default: the schedule's horizon)",
      ).argParser(wholeNumber(0, 2 ** 31 - 1)),
    )
    .addOption(tokenizerOption())
    .addOption(maxDataOption())
    .addOption(seedOption())
    .option(
      "--from <checkpoint>",
      "begin with the model and the parameters of a checkpoint, or of what import has read; with --task as another task, whose head is new",
    )
    .option("--resume", "go on from the newest intact checkpoint in --out")
    .addOption(
      new Option(
        "--memory-budget <bytes>",
        "what a step may plan with, as in 512MiB: chunks that the configuration leaves open fit into it (default: 4GiB)",
      ).argParser(byteCount),
    )
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(arithmeticOption())
    .addOption(productsOption());
  for (const option of hashOptions()) command.addOption(option);
  command.action(async (flags: Flags) => {
    setExitCode(await runTraining(flags, services));
  });
  return withExamples(
    command,
    `train --preset ${services.defaultPreset} --data book.txt --out runs/book`,
    "train --data enwik8.gz --split 0:3600000,3600000:3800000 --out runs/wiki --seed 1",
    "train --data book.txt --out runs/book --resume --steps 2000",
    "train --data book.txt --tokenizer tokenizer.json --out runs/pieces",
    "train --from book.safetensors --data letters.txt --out runs/letters --steps 200",
    ...("classify" in services.kinds
      ? ["train --from runs/masked --task classify --data authors.tsv --out runs/authors"]
      : []),
    "train --data book.txt --out runs/gpu --backend webgpu --replay-hashes book.hashes",
    ...("translate" in services.kinds
      ? ["train --task translate --data english-german.tsv --out runs/german"]
      : []),
    ...("images" in services.kinds
      ? ["train --task images --data t10k-images-idx3-ubyte.gz --out runs/digits"]
      : []),
    ...("toy" in services.kinds ? ["train --task toy --out runs/copy"] : []),
    ...("music" in services.presets
      ? ["train --preset music --data piano-midi --out runs/piano"]
      : []),
  );
};

/** Trains, and returns the exit code: that of what interrupted it, after saving. */
async function runTraining(flags: Flags, services: Services): Promise<number> {
  checkOut(flags.out);
  // Where there is nothing to resume, loading says so, and no folder is left behind.
  const release = flags.resume === true && !existsSync(flags.out) ? undefined : lockRun(flags.out);
  try {
    return await trainInto(flags, services);
  } finally {
    release?.();
  }
}

async function trainInto(flags: Flags, services: Services): Promise<number> {
  const prepared = await prepareRun(flags, services);
  const { arithmetic } = prepared.config.training;
  const kept = choicesOf(prepared.checkpoint, flags);
  const open = (): Promise<StartedBackend> =>
    services.startBackend({ ...withChoices(flags, kept), arithmetic });
  const threads = await open();
  const tuning = threads.tune ? await threads.tune(kept.tuning) : kept.tuning;
  const config = threads.device ? prepared.configFor(threads.device) : prepared.config;
  const keys = services.runKeys(config.training.seed);
  const task = prepared.task(config, keys);
  const { out } = flags;
  const { keep, schedule, batch, validateEvery, checkpointEvery } = config.training;
  const save = (state: unknown, step: number): void => {
    const progress = {
      step,
      windows: step * batch,
      data: prepared.fingerprint,
      ...kept,
      ...(tuning && { tuning }),
    };
    const checkpoint = checkpointOf({ task, step, state, progress });
    saveCheckpoint(out, checkpoint, { keep, fault: services.fault });
  };
  const start = startOf(prepared, () => stateOrFresh(prepared, task, keys));
  // What cannot be compiled shows before a checkpoint is saved that no run goes on from.
  const plan = task.planStep?.(start.state, await task.batch(start.step), keys.step(start.step));
  for (const warning of plan?.warnings ?? []) console.error(`reformax: ${warning}`);
  const hashes = openHashes(flags, { ...hashedBy(config), data: prepared.fingerprint }, start.step);
  // A fresh run saves at once: an unwritable folder shows before hours of work, and there is always a good checkpoint.
  if (prepared.tokenizer && !prepared.checkpoint)
    keepTokenizer(out, prepared.tokenizer, services.fault);
  if (prepared.checkpoint === undefined) save(await toHost(start.state), 0);
  let log = openMetrics(out, start.step, services.fault);
  const steps = flags.steps ?? schedule.horizon;
  const interrupt = catchInterrupt();
  const progress = createProgress(task, start.step, Math.max(steps, start.step));
  for (const warning of prepared.warnings) progress.note(warning);
  if (prepared.beginning?.hasNewHead)
    progress.note("begins with the checkpoint's parameters below its head; the head is new");
  if (threads.reason !== undefined) {
    progress.note(`threads: ${threads.count} (${threads.reason})`);
  }
  if (prepared.filesRead > 0) {
    progress.note(`read ${prepared.bytesRead} bytes of ${counted(prepared.filesRead, "file")}`);
  }
  progress.note(
    `${task.parameterCount(start.state)} parameters, ${prepared.summary}, ` +
      `from step ${start.step} to ${steps}`,
  );
  interrupt.signal.addEventListener("abort", () => {
    const message = interrupt.cause()?.message;
    if (message === undefined)
      progress.note("stopping after this step; another Ctrl-C stops at once");
    else console.error(`reformax: ${message}: stopping after this step`);
  });
  try {
    const reopen = async (lost: BackendLostError): Promise<TrainStart<unknown>> => {
      await (await open()).tune?.(tuning);
      const { checkpoint, warnings } = loadAnyCheckpoint(out);
      for (const warning of warnings) console.error(`reformax: ${warning}`);
      console.error(
        `reformax: ${lost.message.replace(/\. Start anew.*$/s, "")}: opened anew, going on from step ${checkpoint.step}`,
      );
      log = openMetrics(out, checkpoint.step, services.fault);
      hashes?.rewind(checkpoint.step);
      return { step: checkpoint.step, state: stateOfOrThrow(checkpoint, task) };
    };
    const hooks = { peakMemoryBytes, save, reopen };
    const { signal } = interrupt;
    const run = trainAhead({
      task: hashes ? replayed(task, hashes) : task,
      start,
      steps,
      signal,
      hooks,
      validateEvery,
      checkpointEvery,
    });
    const outcome = await finish(run, ({ metrics, validation }) => {
      log(metrics);
      progress.step(metrics);
      if (validation === undefined) return;
      log(validation);
      progress.validation(validation);
    });
    progress.stop();
    return await conclude(outcome, out, interrupt);
  } catch (error) {
    progress.stop();
    throw withLastGood(error, out);
  } finally {
    interrupt.release();
    hashes?.close();
  }
}

/** The task with the hash buckets of another run, or with its own recorded. */
function replayed(task: LearnedTask, hashes: HashReplay): Task<unknown, object, object> {
  if (task.replay) return task.replay(hashes);
  throw inputError({
    where: "--record-hashes, --replay-hashes",
    problem: `are not possible for the task ${task.name}`,
    expected: "a model of the next token",
  });
}

const startOf = (run: PreparedRun, state: () => unknown) => ({
  step: run.checkpoint?.step ?? 0,
  state: state(),
});

const stateOrFresh = (
  { checkpoint, beginning }: PreparedRun,
  task: Pick<Task, "init">,
  keys: ReturnType<Services["runKeys"]>,
): unknown => {
  if (checkpoint) return stateOfOrThrow(checkpoint, task);
  if (!beginning) return task.init(keys.initial);
  return beginning.hasNewHead
    ? orThrow(withNewHead(beginning.checkpoint, task, keys.initial))
    : stateOfOrThrow(beginning.checkpoint, task);
};

async function conclude(
  { step, state, interrupted }: Pick<TrainOutcome<unknown>, "step" | "state" | "interrupted">,
  out: string,
  interrupt: Interrupt,
): Promise<number> {
  const path = join(out, checkpointName(step));
  const tensors = tensorsOf(await toHost({ state }));
  const saved = interrupted
    ? `interrupted after step ${step}, saved in ${path}: go on with --resume`
    : `saved in ${path}`;
  printLine(`parameters ${parameterHash(parametersOf({ tensors }))}`);
  printLine(saved);
  await flushOutput();
  const cause = interrupt.cause();
  if (cause?.message !== undefined) console.error(`reformax: ${cause.message}: ${saved}`);
  if (cause === undefined) return exitCodes.success;
  // Who sent a signal to a run that had come to its end has lost nothing; who reads no more has.
  return interrupted || cause.message !== undefined ? cause.exitCode : exitCodes.success;
}

/** A run that went wrong leaves its last good checkpoint: say which. */
function withLastGood(error: unknown, out: string): unknown {
  if (!(error instanceof NonFiniteError || error instanceof BackendLostError)) return error;
  const newest = stepsIn(out).at(0);
  if (newest === undefined) return error;
  const kept = `The last good checkpoint is ${join(out, checkpointName(newest))}.`;
  const Same = error instanceof NonFiniteError ? NonFiniteError : BackendLostError;
  return new Same(`${error.message} ${kept}`);
}
