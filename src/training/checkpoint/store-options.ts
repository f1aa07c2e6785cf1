import { NonFiniteError, ReformaxError } from "../../core/errors.ts";
import { orThrow, within } from "../../edge/problem.ts";
import type { ShortFloat } from "../../interop/safetensors/short-floats.ts";
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
}

/** The first magnitude that the stored type rounds to infinity. */
const infiniteFrom = { f32: Infinity, bf16: 2 ** 128 - 2 ** 119, f16: 65520 } as const;

/**
 * What is to be stored of a checkpoint.
 *
 * @throws ReformaxError when values are to be rounded that a run goes on from; NonFiniteError when a value is not finite, or
 * would not be when rounded; InputError when what is written could not be read; BackendError when tensors are on a device: `await toHost(state)` first
 */
export function prepareToStore(
  checkpoint: Checkpoint<object>,
  { parametersOnly: fewer = false, dtype = "f32" }: StoreOptions = {},
): StoredCheckpoint {
  const kept = fewer ? parametersOnly(checkpoint) : checkpoint;
  if (dtype !== "f32" && canResume(kept)) {
    throw new ReformaxError("a run cannot go on from rounded values", {
      where: "checkpoint",
      expected: "f32, or the parameters only",
      got: dtype,
      fix: "Add --parameters-only, or parametersOnly: true.",
    });
  }
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
