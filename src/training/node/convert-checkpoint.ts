import { checkKinds, checkOptions, type KindsOf } from "../../core/arguments.ts";
import { join } from "node:path";
import { version } from "../../core/version.ts";
import type { Checkpoint, StoredCheckpoint } from "../checkpoint/checkpoint.ts";
import type { TrainConfig } from "../config/train-config.ts";
import { encodeFile } from "../checkpoint/file.ts";
import { checkpointName } from "../checkpoint/manifest.ts";
import { prepareToStore, storeKinds, type StoreOptions } from "../checkpoint/store-options.ts";
import { noFaults, writeAtomically, type FaultHook } from "../../edge/node/atomic-write.ts";
import { makeNewFolder, refuseExisting } from "../../edge/node/new-folder.ts";
import { isCheckpointFile, sha256 } from "./checkpoint-files.ts";
import { loadAnyCheckpoint, loadCheckpoint, type Loaded } from "./load-checkpoint.ts";
import { writeFolder } from "./write-folder.ts";

export interface Converted<Config extends object = TrainConfig> {
  readonly read: Loaded<Config>;
  readonly written: Checkpoint<Config>;
}

/**
 * Brings a checkpoint of any past format forward to the newest: from a single file, a checkpoint's directory or the newest
 * intact one of a run's folder, into a single file where `to` ends in `.safetensors`, else into a new run's folder, from
 * which `train --resume` goes on. Nothing appears under the name `to` before all of it is on the disk.
 *
 * @returns what was read, and what reading the result gives
 * @throws InputError when `to` exists, or when one of the two cannot be used; else as `checkpointToBytes`
 * @example
 * import { convertCheckpoint } from "reformax/training/node";
 * const shrink = (run: string): number =>
 *   convertCheckpoint(run, `${run}.safetensors`, { parametersOnly: true, dtype: "bf16" }).written.step;
 */
export const convertCheckpoint = (
  from: string,
  to: string,
  options: ConvertOptions = {},
): Converted => convert("convertCheckpoint", [from, to], options, (path) => loadCheckpoint(path));

/** {@link convertCheckpoint} of whatever task. */
export const convertAnyCheckpoint = (
  from: string,
  to: string,
  options: ConvertOptions = {},
): Converted<object> => convert("convertAnyCheckpoint", [from, to], options, loadAnyCheckpoint);

type ConvertOptions = StoreOptions & { readonly fault?: FaultHook };

const convertKinds: KindsOf<ConvertOptions> = { ...storeKinds, fault: "function" };

function convert<Config extends object>(
  where: string,
  [from, to]: readonly [from: string, to: string],
  options: ConvertOptions,
  load: (path: string) => Loaded<Config>,
): Converted<Config> {
  checkKinds({ from: [from, "path"], to: [to, "path"] }, where);
  checkOptions(options, convertKinds, where);
  refuseExisting(to);
  const read = load(from);
  storeCheckpoint(to, read.checkpoint, options);
  return { read, written: load(to).checkpoint };
}

/** Writes a checkpoint under a new name: a single file where it ends in `.safetensors`, else a new run's folder. */
export function storeCheckpoint(
  to: string,
  checkpoint: Checkpoint<object>,
  options: ConvertOptions = {},
): void {
  const { fault = noFaults, dtype } = options;
  refuseExisting(to);
  const stored = prepareToStore(checkpoint, options);
  if (!isCheckpointFile(to)) return writeRun(to, stored, { floats: dtype, fault });
  const bytes = encodeFile(stored, { writer: version, digest: sha256, floats: dtype });
  writeAtomically(to, bytes, (point) => {
    fault(point);
    // The last moment before the file takes its name.
    if (point === "synced") refuseExisting(to);
  });
}

/** A run's folder with one checkpoint in it. */
const writeRun = (
  to: string,
  stored: StoredCheckpoint,
  options: Parameters<typeof writeFolder>[2],
): void =>
  makeNewFolder(
    to,
    (temporary) => writeFolder(join(temporary, checkpointName(stored.step)), stored, options),
    options.fault,
  );
