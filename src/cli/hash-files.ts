import { Option } from "commander";
import type { JsonObject } from "../edge/json.ts";
import { inputError } from "../edge/problem.ts";
import type { HashReplay } from "../training/index.ts";
import { configJson } from "../training/checkpoint/checkpoint.ts";
import { playHashes, recordHashes } from "../training/node/index.ts";

/** Where hashes of a command's passes go to, and come from. */
export interface HashFlags {
  readonly recordHashes?: string;
  readonly replayHashes?: string;
}

export const hashOptions = (): readonly Option[] => [
  new Option(
    "--record-hashes <file>",
    "write the hash buckets of every step, for a run on another backend",
  ),
  new Option(
    "--replay-hashes <file>",
    "use the hash buckets that such a file has instead of hashing",
  ),
];

/** The files of a command that runs. */
export interface OpenHashes extends HashReplay {
  /** A run goes on from `step`. */
  readonly rewind: (step: number) => void;
  readonly close: () => void;
}

/**
 * Opens the files that the flags name; undefined where they name none.
 *
 * @param of - what must be the same where hashes are recorded and replayed
 * @throws InputError when a file cannot be used
 */
export function openHashes(
  { recordHashes: to, replayHashes: from }: HashFlags,
  of: JsonObject,
  step: number,
): OpenHashes | undefined {
  if (to === undefined && from === undefined) return undefined;
  if (to === from) {
    throw inputError({
      where: "--record-hashes",
      problem: "names the file that --replay-hashes reads",
      fix: "Name another file.",
    });
  }
  const player = from === undefined ? undefined : playHashes(from, of);
  try {
    const recorder = to === undefined ? undefined : recordHashes(to, of, step);
    return {
      ...(player && { replay: player.replay }),
      ...(recorder && { record: recorder.record }),
      rewind: (at) => recorder?.rewind(at),
      close: () => [player, recorder].forEach((each) => each?.close()),
    };
  } catch (error) {
    player?.close();
    throw error;
  }
}

/** What of a configuration decides which hashes there are, and does not depend on the machine that computes. */
export function hashedBy(config: object): JsonObject {
  const { model, training } = configJson(config) as Record<"model" | "training", JsonObject>;
  const { feedForwardChunk: _f, lossChunk: _l, ...shape } = model;
  const { seed, batch, length, update, schedule } = training;
  return { model: shape, training: { seed, batch, length, update, schedule } };
}
