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
import { roundToGrid } from "./grid.ts";
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
  /**
   * Rounds arrays of two axes or more to multiples of a power of two near this share of their root mean square, above 0 and up to 1 (absent: not). Compresses
   * better still: a share of 0.12 costs about what 4 significant bits cost, for a fifth of the size.
   */
  readonly grid?: number;
}

export const storeKinds: KindsOf<StoreOptions> = {
  parametersOnly: "flag",
  dtype: ["f32", "bf16", "f16"],
  // How many there are is said where they are used.
  significantBits: "number",
  grid: "number",
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
  options: StoreOptions = {},
): StoredCheckpoint {
  const { parametersOnly: fewer = false, dtype = "f32" } = options;
  checkRounding(options);
  const all = fewer ? parametersOnly(checkpoint) : checkpoint;
  if (rounds(options) && canResume(all)) {
    throw new ReformaxError("a run cannot go on from rounded values", {
      where: "checkpoint",
      expected: "f32, or the parameters only",
      got: describeRounding(options),
      fix: "Add --parameters-only, or parametersOnly: true.",
    });
  }
  const kept = { ...all, tensors: roundTensors(all.tensors, options) };
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

const rounds = ({ dtype = "f32", significantBits = allBits, grid }: StoreOptions): boolean =>
  dtype !== "f32" || significantBits < allBits || grid !== undefined;

/** What parameters are stored as, in words. */
export function describeRounding({
  dtype = "f32",
  significantBits = allBits,
  grid,
}: StoreOptions): string {
  const bits = significantBits === allBits ? "" : ` of ${significantBits} significant bits`;
  return `${dtype}${bits}${grid === undefined ? "" : ` on a grid of ${grid}`}`;
}

function checkRounding({ significantBits: bits = allBits, grid = 1 }: StoreOptions): void {
  if (!(Number.isInteger(bits) && bits >= 1 && bits <= allBits)) {
    throw new ReformaxError("significantBits must be a number of bits", {
      where: "checkpoint",
      expected: `an integer from 1 to ${allBits}`,
      got: describeArgument(bits),
    });
  }
  if (!(grid > 0 && grid <= 1)) {
    throw new ReformaxError("grid must be a share of the root mean square", {
      where: "checkpoint",
      expected: "a number above 0 and up to 1",
      got: describeArgument(grid),
    });
  }
}

const roundTensors = (
  tensors: ReadonlyMap<string, Tensor>,
  { significantBits: bits = allBits, grid }: StoreOptions,
): ReadonlyMap<string, Tensor> =>
  bits === allBits && grid === undefined
    ? tensors
    : new Map(
        Array.from(tensors, ([name, tensor]) => {
          const words = tensor.words("checkpoint");
          if (!(words instanceof Float32Array && tensor.dtype === "f32")) return [name, tensor];
          const onGrid =
            grid === undefined || tensor.shape.length < 2 ? words : roundToGrid(words, grid);
          return [name, tensorFrom("f32", tensor.shape, roundSignificands(onGrid, bits))];
        }),
      );
