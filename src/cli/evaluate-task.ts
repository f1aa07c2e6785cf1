import { inputError, orThrow } from "../edge/problem.ts";
import { parameterHash, parametersOf, parseRange, stateOfOrThrow } from "../training/index.ts";
import type { TaskKind } from "../training/task/kind.ts";
import { refuseBeams, type BeamFlags } from "./beam-options.ts";
import { counted } from "./format.ts";
import { isDataOf, readRunData } from "./prepare-run.ts";
import type { TaskCheckpoint } from "./open-model.ts";
import type { BackendFlags, Services } from "./services.ts";
import { printLine } from "./terminal.ts";

/** What `eval` was asked for. */
interface EvaluateFlags extends BackendFlags, BeamFlags {
  readonly data?: string;
  /** Bytes. */
  readonly maxData?: number;
  readonly range?: string;
  readonly rounds?: number;
  readonly ablate?: string;
}

/** Prints the metrics of a task's own. */
export async function evaluateTask(
  { kind, config, checkpoint }: TaskCheckpoint,
  flags: EvaluateFlags,
  services: Services,
): Promise<void> {
  checkAblation(kind, flags.ablate);
  if (!kind.searches) refuseBeams(flags, kind.name);
  const { bytes, files } = readRunData(kind, flags);
  const range = flags.range === undefined ? undefined : orThrow(parseRange(flags.range, "--range"));
  await services.startBackend({ arithmetic: config.training.arithmetic, ...flags });
  const lines = await kind.evaluate({
    config,
    state: stateOfOrThrow(checkpoint, kind.learner(config)),
    keys: services.runKeys(config.training.seed),
    bytes,
    range,
    isOfRun: (parts) => isDataOf(checkpoint, parts),
    rounds: flags.rounds,
    ablation: flags.ablate,
    ...(flags.beams !== undefined && {
      search: { beams: flags.beams, lengthPenalty: flags.lengthPenalty },
    }),
  });
  for (const line of lines) printLine(line);
  printLine(`step ${checkpoint.step}`);
  printLine(`parameters ${parameterHash(parametersOf(checkpoint))}`);
  if (files > 0) printLine(`read ${bytes.length} bytes of ${counted(files, "file")}`);
}

function checkAblation({ name, ablations }: TaskKind, ablation: string | undefined): void {
  if (ablation === undefined || ablations.includes(ablation)) return;
  throw inputError({
    where: "--ablate",
    problem: `is nothing that a model of the task ${name} has`,
    expected: ablations.join(", "),
    got: ablation,
  });
}
