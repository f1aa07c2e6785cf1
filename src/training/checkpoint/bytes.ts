import { checkKinds, checkOptions } from "../../core/arguments.ts";
import { checkCheckpoint, checkIdentity } from "../kinds.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { version } from "../../core/version.ts";
import { orThrow, type Validated } from "../../edge/problem.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { prepareToStore, storeKinds, type StoreOptions } from "./store-options.ts";
import { decodeFile, encodeFile } from "./file.ts";
import {
  taskConfigOf,
  trainConfigOf,
  type ConfigDecoder,
  type TaskIdentity,
} from "./task-config.ts";

const digest = (bytes: Uint8Array): string => bytesToHex(sha256(bytes));

/**
 * A checkpoint as the bytes of one safetensors file: the tensors, and in its metadata the version of the format, the step,
 * the configuration and the progress as JSON. Needs no file system: keep the bytes wherever you like. Equal checkpoints
 * give equal bytes.
 *
 * @throws ReformaxError when values are to be rounded and the checkpoint is more than parameters; NonFiniteError when a
 * value is not finite, or too large for `dtype`
 * @example
 * import { checkpointFromBytesOrThrow, checkpointToBytes, type Checkpoint } from "reformax/training";
 * const small = (checkpoint: Checkpoint): Uint8Array =>
 *   checkpointToBytes(checkpoint, { parametersOnly: true, dtype: "bf16" });
 * const stepOf = (bytes: Uint8Array): number => checkpointFromBytesOrThrow(bytes).step;
 */
export const checkpointToBytes = (
  checkpoint: Checkpoint<object>,
  options: StoreOptions = {},
): Uint8Array => {
  checkCheckpoint(checkpoint, "checkpointToBytes");
  checkOptions(options, storeKinds, "checkpointToBytes");
  const stored = prepareToStore(checkpoint, options);
  return encodeFile(stored, { writer: version, digest, floats: options.dtype });
};

/**
 * Reads the bytes that {@link checkpointToBytes} or `reformax convert` wrote and checks all of them. Rounded values come
 * back as f32.
 *
 * @param task - the task that the checkpoint has to be of; absent: a language model's
 * @returns the checkpoint, or every problem at once
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { checkpointFromBytes } from "reformax/training";
 * const read = checkpointFromBytes(Uint8Array.of(1, 2, 3));
 * console.log(E.isLeft(read) && read.left[0].problem); // => the file is truncated
 */
export function checkpointFromBytes(bytes: Uint8Array): Validated<Checkpoint>;
/** Of any task. */
export function checkpointFromBytes(
  bytes: Uint8Array,
  task: TaskIdentity,
): Validated<Checkpoint<object>>;
export function checkpointFromBytes(
  bytes: Uint8Array,
  task?: TaskIdentity,
): Validated<Checkpoint<never>> {
  checkKinds({ bytes: [bytes, "bytes"] }, "checkpointFromBytes");
  if (task !== undefined) checkIdentity(task, "checkpointFromBytes");
  const decode: ConfigDecoder<object> = task ? taskConfigOf(task) : trainConfigOf;
  return decodeFile(bytes, digest, decode as ConfigDecoder<never>);
}

/**
 * As {@link checkpointFromBytes}.
 *
 * @throws InputError with all problems
 * @example
 * import { checkpointFromBytesOrThrow } from "reformax/training";
 * const messageOf = (bytes: Uint8Array): string => {
 *   try {
 *     return `step ${checkpointFromBytesOrThrow(bytes).step}`;
 *   } catch (error) {
 *     return String(error);
 *   }
 * };
 * console.log(messageOf(Uint8Array.of(1))); // => InputError: header: the file is truncated: expected at least 8 bytes, got 1
 */
export function checkpointFromBytesOrThrow(bytes: Uint8Array): Checkpoint;
/** Of any task. */
export function checkpointFromBytesOrThrow(
  bytes: Uint8Array,
  task: TaskIdentity,
): Checkpoint<object>;
export function checkpointFromBytesOrThrow(
  bytes: Uint8Array,
  task?: TaskIdentity,
): Checkpoint<object> {
  return orThrow(
    task === undefined ? checkpointFromBytes(bytes) : checkpointFromBytes(bytes, task),
  );
}
