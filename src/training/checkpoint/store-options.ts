import type { KindsOf } from "../../core/arguments.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { NonFiniteError, ReformaxError } from "../../core/errors.ts";
import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { orThrow, within } from "../../edge/problem.ts";
import { roundSignificands, type ShortFloat } from "../../interop/safetensors/short-floats.ts";
import {
  canResume,
  parametersOnly,
  storedOf,
  type Checkpoint,
  type StoredCheckpoint,
} from "./checkpoint.ts";
import { anyTaskConfig, checkpointFrom } from "./task-config.ts";

/** How a checkpoint is to be kept. */
export interface StoreOptions {
  /** Leaves out the optimiser's state: enough for everything but resuming the run. */
  readonly parametersOnly?: boolean;
  /** What parameters are stored as (default: f32). `bf16` and `f16` take half of the space and round to nearest, ties to even. */
  readonly dtype?: "f32" | ShortFloat;
  /**
   * Rounds parameters to so many significant bits first, 1 to 24 (absent: as many as the type has). The file is as long, but
   * compresses better: at 5 bits a BF16 file loses another quarter of its size in an archive.
   */
  readonly significantBits?: number;
}

export const storeKinds: KindsOf<StoreOptions> = {
  parametersOnly: "flag",
  dtype: ["f32", "bf16", "f16"],
  significantBits: "size",
};

/** Significant bits of f32. */
const allBits = 24;

/** The first magnitude that the stored type rounds to infinity. */
const infiniteFrom = { f32: Infinity, bf16: 2 ** 128 - 2 ** 119, f16: 65520 } as const;

/**
 * What is to be stored of a checkpoint.
 *
 * @throws ReformaxError when values are to be rounded that a run goes on from, or when there is no such number of bits; NonFiniteError when a value is not finite, or
 * would not be when rounded; InputError when what is written could not be read; BackendError when tensors are on a device: `await toHost(state)` first
 */
export function prepareToStore(
  checkpoint: Checkpoint<object>,
  { parametersOnly: fewer = false, dtype = "f32", significantBits = allBits }: StoreOptions = {},
): StoredCheckpoint {
  checkBits(significantBits);
  const all = fewer ? parametersOnly(checkpoint) : checkpoint;
  if ((dtype !== "f32" || significantBits < allBits) && canResume(all)) {
    throw new ReformaxError("a run cannot go on from rounded values", {
      where: "checkpoint",
      expected: "f32, or the parameters only",
      got: significantBits < allBits ? `${dtype} of ${significantBits} significant bits` : dtype,
      fix: "Add --parameters-only, or parametersOnly: true.",
    });
  }
  const kept = { ...all, tensors: roundTensors(all.tensors, significantBits) };
  for (const [name, tensor] of kept.tensors) {
    if (tensor.dtype !== "f32") continue;
    const bad = tensor
      .words("checkpoint")
      .find((value: number) => !(Math.abs(value) < infiniteFrom[dtype]));
    if (bad === undefined) continue;
    throw new NonFiniteError(`this value cannot be stored as ${dtype}`, {
      where: `tensor ${name}`,
      got: String(bad),
      fix: Number.isFinite(bad) ? "Choose bf16 or f32." : undefined,
    });
  }
  const stored = storedOf(kept);
  orThrow(within("cannot be saved: ")(checkpointFrom(anyTaskConfig)(stored)));
  return stored;
}

function checkBits(bits: number): void {
  if (Number.isInteger(bits) && bits >= 1 && bits <= allBits) return;
  throw new ReformaxError("significantBits must be a number of bits", {
    where: "checkpoint",
    expected: `an integer from 1 to ${allBits}`,
    got: describeArgument(bits),
  });
}

const roundTensors = (
  tensors: ReadonlyMap<string, Tensor>,
  bits: number,
): ReadonlyMap<string, Tensor> =>
  bits === allBits
    ? tensors
    : new Map(
        Array.from(tensors, ([name, tensor]) => {
          const words = tensor.words("checkpoint");
          return words instanceof Float32Array && tensor.dtype === "f32"
            ? [name, tensorFrom("f32", tensor.shape, roundSignificands(words, bits))]
            : [name, tensor];
        }),
      );
