import { statSync } from "node:fs";
import { join } from "node:path";
import { inputError, orThrow } from "../../edge/problem.ts";
import { checkpointName } from "../../training/checkpoint/manifest.ts";
import { measuredParams } from "../../training/measured-params.ts";
import {
  stateOfOrThrow,
  tokensFrom,
  type ReformerState,
  type TrainConfig,
} from "../../training/index.ts";
import {
  attentionReporter,
  type AttentionReport,
} from "../../training/inspect/attention-report.ts";
import { flipsBetween } from "../../training/inspect/statistics.ts";
import { readData } from "../../training/node/data.ts";
import { loadCheckpoint, stepsIn } from "../../training/node/index.ts";
import { loadModel } from "../load-model.ts";
import type { BackendFlags, Services } from "../services.ts";
import { labelsOf } from "./labels.ts";

/** What is looked at. */
export interface LookFlags extends BackendFlags {
  readonly checkpoint: string;
  readonly text: string;
  /** Tokens that are left out before those that are looked at. */
  readonly from: number;
  readonly tokens?: number;
  readonly rounds?: number;
  readonly top: number;
}

/** A text under the newest checkpoint, and how the ones before it saw the text. */
export interface Look {
  readonly step: number;
  readonly labels: readonly string[];
  readonly report: AttentionReport;
  /** From the oldest that is kept to the newest. */
  readonly history: readonly HistoryEntry[];
}

/** How the layers were at a step. */
export interface HistoryEntry {
  readonly step: number;
  readonly layers: readonly HistoryLayer[];
}

interface HistoryLayer {
  readonly layer: number;
  readonly recall: number;
  readonly mass: number;
  readonly overflow: number;
  readonly largest: number;
  /** Share of tokens whose bucket is another one than at the checkpoint before; absent for the first. */
  readonly flips?: number;
}

/** Tokens that are looked at where nobody says how many: weights of all pairs are kept. */
const mostTokens = 2048;

/** Looks at a part of a text with every checkpoint of a run that is still there, all by the same rotations. */
export async function lookAt(flags: LookFlags, services: Services): Promise<Look> {
  const loaded = await loadModel(flags.checkpoint, flags, services);
  const { config, keys, checkpoint } = loaded;
  const tokens = readTokens(flags, config);
  const { top, rounds } = flags;
  const report = attentionReporter(config.model, { top, rounds });
  const measured = measuredParams(config);
  const lookWith = (state: unknown): Promise<AttentionReport> =>
    report(measured(state as ReformerState), tokens, keys.evaluation);
  const history: HistoryEntry[] = [];
  let last: AttentionReport | undefined;
  for (const step of stepsOf(flags.checkpoint)) {
    if (step >= checkpoint.step) continue;
    const path = join(flags.checkpoint, checkpointName(step));
    const earlier = loadCheckpoint(path).checkpoint;
    const seen = await lookWith(stateOfOrThrow(earlier, loaded.model));
    history.push(entryOf(step, seen, last));
    last = seen;
  }
  const newest = await lookWith(loaded.state);
  history.push(entryOf(checkpoint.step, newest, last));
  return {
    step: checkpoint.step,
    labels: labelsOf(tokens, config.data.tokens === "bytes"),
    report: newest,
    history,
  };
}

/** The steps of all checkpoints in a run's folder, from the oldest on; none of a file. */
const stepsOf = (path: string): readonly number[] =>
  statSync(path).isDirectory() ? stepsIn(path).toReversed() : [];

function readTokens(
  { text, from, tokens: wanted }: LookFlags,
  { data, model, training }: TrainConfig,
): ArrayLike<number> {
  const all = orThrow(tokensFrom(readData(text), data.tokens, model.vocabulary));
  const count = wanted ?? Math.min(training.length, mostTokens);
  const chosen = all.subarray(from, from + count);
  if (chosen.length > 0) return chosen;
  throw inputError({
    where: "--from",
    problem: "is behind the end of the text",
    expected: `less than ${all.length}`,
    got: String(from),
  });
}

const entryOf = (
  step: number,
  { layers }: AttentionReport,
  before: AttentionReport | undefined,
): HistoryEntry => ({
  step,
  layers: layers.map(({ layer, recall, mass, overflow, largest, buckets }, i) => ({
    layer,
    recall,
    mass,
    overflow,
    largest,
    ...(before && { flips: flipsBetween(before.layers[i].buckets, buckets) }),
  })),
});
