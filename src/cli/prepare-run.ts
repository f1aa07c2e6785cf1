import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { sequenceS } from "fp-ts/lib/Apply.js";
import type { DeviceLimits } from "../ir/backend.ts";
import type { JsonObject } from "../edge/json.ts";
import {
  attempt,
  inputError,
  orThrow,
  unlessProblems,
  validation,
  type Problem,
  type Validated,
} from "../edge/problem.ts";
import { differences } from "../edge/merge-json.ts";
import { manifestName, stepOfName } from "../training/checkpoint/manifest.ts";
import { otherBits } from "../training/checkpoint/other-bits.ts";
import { changesOf } from "../training/checkpoint/same-run.ts";
import { canResume, parametersOnly } from "../training/index.ts";
import type { DataParts, PreparedTask, RunConfig, RunKind } from "../training/task/kind.ts";
import {
  loadAnyCheckpoint,
  sha256,
  stepsIn,
  type Checkpoint,
  type Loaded,
} from "../training/node/index.ts";
import { readDataFiles, type DataRead } from "../training/node/data.ts";
import { basisOf, chooseConfig, contradictions, type TrainFlags } from "./choose-config.ts";
import { dataHelp } from "./options.ts";
import { metricsName } from "./run-folder.ts";
import type { Services } from "./services.ts";
import { openTokenizer, tokenizerOf, type NamedTokenizer } from "./tokenizer-file.ts";

export interface PreparedRun {
  readonly kind: RunKind;
  readonly config: RunConfig;
  /** As in `900 bytes to learn, 2 x 512 bytes per step`. */
  readonly summary: string;
  /** The task by this configuration, or the same for a device. */
  readonly task: PreparedTask["task"];
  /** Identifies the data, without saying where they lie. */
  readonly fingerprint: JsonObject;
  readonly bytesRead: number;
  readonly filesRead: number;
  /** What to go on from. */
  readonly checkpoint?: Checkpoint<object>;
  /** What makes ids of the data, where they are a text. */
  readonly tokenizer?: NamedTokenizer;
  /** What a new run begins with, if not with nothing. */
  readonly beginning?: Beginning;
  readonly warnings: readonly string[];
  /** The configuration with what is left open in it chosen for a device. */
  readonly configFor: (device: DeviceLimits) => RunConfig;
}

/** The parameters of a checkpoint. */
export interface Beginning {
  readonly checkpoint: Checkpoint<object>;
  /** It is of another task, or is to learn its own anew. */
  readonly hasNewHead: boolean;
}

/**
 * Reads configuration, data and, to resume, the checkpoint, and checks that they fit together.
 *
 * @throws InputError with all problems of the stage that failed
 */
export async function prepareRun(flags: TrainFlags, services: Services): Promise<PreparedRun> {
  orThrow(unlessProblems(contradictions(flags), () => flags));
  if (flags.resume !== true) checkFresh(flags.out);
  const loaded = flags.resume === true ? loadToResume(flags.out) : undefined;
  const begun = flags.from === undefined ? undefined : loadAnyCheckpoint(flags.from);
  const base = basisOf(loaded, begun);
  const named = flags.tokenizer === undefined ? undefined : await openTokenizer(flags.tokenizer);
  const { chosen, read } = orThrow(
    sequenceS(validation)({
      chosen: chooseConfig(flags, services, base, named),
      read: attempt(() => readNamed(flags)),
    }),
  );
  const { kind } = chosen;
  checkData(kind, flags);
  const tokenizer = named ?? (await keptTokenizer(chosen.config, flags));
  const { config, parts, summary, task } = orThrow(
    kind.prepare(chosen.config, read.bytes, tokenizer?.tokenizer),
  );
  const run: PreparedRun = {
    kind,
    config,
    summary,
    task,
    fingerprint: fingerprintOf(parts),
    bytesRead: read.bytes.length,
    filesRead: read.files,
    checkpoint: loaded?.checkpoint,
    tokenizer,
    beginning: begun && {
      checkpoint: parametersOnly(begun.checkpoint),
      hasNewHead: flags.task !== undefined,
    },
    warnings: [
      ...(begun?.warnings ?? []),
      ...(loaded ? [...loaded.warnings, ...otherBits(loaded.checkpoint)] : []),
    ],
    configFor: (device) => {
      const again = orThrow(chooseConfig(flags, services, base, named, device));
      return { ...config, model: again.config.model };
    },
  };
  if (loaded) orThrow(checkSameRun(loaded.checkpoint, run));
  return run;
}

/** What the user named; nothing where there is no name. */
const readNamed = ({ data, maxData }: Pick<TrainFlags, "data" | "maxData">): DataRead =>
  data === undefined
    ? { bytes: new Uint8Array(0), files: 0 }
    : readDataFiles(data, { most: maxData });

/**
 * Data for tasks that learn from some, and none for others.
 *
 * @throws InputError where it is the other way round
 */
function checkData(
  { name, makesData }: Pick<RunKind, "name" | "makesData">,
  { data }: Pick<TrainFlags, "data">,
): void {
  if ((data === undefined) === (makesData === true)) return;
  throw inputError(
    makesData
      ? { where: "--data", problem: `cannot be with the task ${name}, which makes its data itself` }
      : { where: "--data", problem: "is missing", expected: dataHelp },
  );
}

/** The data of a task that is known already. */
export function readRunData(
  kind: Pick<RunKind, "name" | "makesData">,
  flags: Pick<TrainFlags, "data" | "maxData">,
): DataRead {
  checkData(kind, flags);
  return readNamed(flags);
}

/**
 * A run's folder holds checkpoints; it is none itself.
 *
 * @throws InputError where it is one
 */
export function checkOut(out: string): void {
  const isCheckpoint =
    stepOfName(basename(resolve(out))) !== undefined || existsSync(join(out, manifestName));
  if (!isCheckpoint) return;
  throw inputError({
    where: out,
    problem: "is the place of one checkpoint, not of a run",
    fix: `Name the run's folder, as in ${dirname(resolve(out))}.`,
  });
}

function checkFresh(out: string): void {
  const found =
    stepsIn(out).length > 0
      ? "holds the checkpoints of a run already"
      : existsSync(join(out, metricsName))
        ? `holds the ${metricsName} of a run already`
        : undefined;
  if (found === undefined) return;
  throw inputError({
    where: out,
    problem: found,
    fix: "Add --resume to go on with it, or name another folder.",
  });
}

function loadToResume(out: string): Loaded<object> {
  const loaded = loadAnyCheckpoint(out);
  if (canResume(loaded.checkpoint)) return loaded;
  throw inputError({
    where: out,
    problem: "holds the parameters only, without the optimiser's state that a run goes on from",
    fix: "Resume from the folder that this was converted from, or train anew in another one.",
  });
}

/** The tokenizer that a configuration names: that of the run that goes on, or of the model that is begun with. */
async function keptTokenizer(
  { data }: RunConfig & { readonly data: { readonly tokenizer?: string } },
  { resume, out, from }: TrainFlags,
): Promise<NamedTokenizer | undefined> {
  const place = resume === true ? out : from;
  if (data.tokenizer === undefined || place === undefined) return undefined;
  return tokenizerOf(place, data.tokenizer);
}

const fingerprintOf = (parts: DataParts): JsonObject => ({
  train: sha256(parts.train),
  validation: sha256(parts.validation),
});

/** Whether these are the parts of the data that a run was trained on. */
export const isDataOf = (
  { progress }: Pick<Checkpoint<object>, "progress">,
  parts: DataParts,
): boolean => JSON.stringify(progress).includes(JSON.stringify(fingerprintOf(parts)));

function checkSameRun(checkpoint: Checkpoint<object>, run: PreparedRun): Validated<true> {
  const changed = changesOf(checkpoint.config, run.config);
  const sameData = differences(checkpoint.progress.data ?? null, run.fingerprint).length === 0;
  const otherData: Problem = {
    where: "--data",
    problem: "these are not the data that the run was trained on",
    fix: "Resume with the same data, or start a new run in another folder.",
  };
  return unlessProblems([...changed, ...(sameData ? [] : [otherData])], () => true);
}
