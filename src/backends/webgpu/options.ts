import type { PlanFlags, ProfileOptions } from "../../plan/index.ts";
import type { AdapterOptions } from "./adapter-options.ts";
import type { TileChoice } from "./kernels/tiles.ts";

/** What is asked of a `GPUDevice` that is given, in words that need no declarations of WebGPU. */
export interface DeviceOfOnesOwn {
  readonly features: { has(name: string): boolean };
  readonly limits: object;
  readonly queue: object;
  readonly lost: Promise<unknown>;
  destroy(): void;
}

/** Choices at the creation of a WebGPU backend. */
export interface WebGpuOptions extends AdapterOptions, Partial<PlanFlags> {
  /** A `GPUDevice` of one's own, instead of one that is opened; `dispose` destroys it. */
  readonly device?: DeviceOfOnesOwn;
  /**
   * `exact`, the default: compilers cannot fuse what was written as separate operations, so that exact streams rebuild. `relaxed` leaves
   * that to them: streams may not rebuild.
   */
  readonly arithmetic?: "exact" | "relaxed";
  /**
   * What matrix products round their operands to: `f32`, the default, leaves them as they are; `f16` keeps 11 bits of them, numbers up to 65,504 and
   * down to 6e-8, and adds up in f32. Faster where the device multiplies matrices of 16 bits, less exact everywhere. Needs its feature
   * `shader-f16`. Hashing and attention stay in f32; streams rebuild.
   */
  readonly products?: "f32" | "f16";
  /** The tiles of matrix products, as `tune` of an earlier backend has told. Results are the same. */
  readonly tiles?: TileChoice;
  /**
   * Whether every run asks the device if it has understood everything and had memory for it, as the first run of a program does
   * anyway. Then an error names the run in which it came up; runs are slower. Default: no.
   */
  readonly check?: boolean;
  /** Most bytes of memory that one binding reaches, a multiple of 256; the device's limit when absent. For tests. */
  readonly windowBytes?: number;
  /** Whether kernel calls that do not wait for one another are handed over at once: yes, when absent. For tests: results are the same. */
  readonly merges?: boolean;
  /**
   * Most bytes of memory beside what a plan needs, in which iterations of loops, attention heads mostly, run side by side. When absent,
   * half of what the plan needs, as far as a buffer of the device has room for it. Results are the same whatever it is.
   */
  readonly spareBytes?: number;
  /**
   * Fewest results of a matrix product that go through the elementwise operations behind it before they are stored: 2^20 when absent, as many as
   * leave the caches. For tests: results are the same.
   */
  readonly fuseProductsFrom?: number;
  /** Fewest elements that are read and written four at a time: 2^14 when absent. For tests: results are the same. */
  readonly quadsFrom?: number;
  /**
   * Who wants to know where the time of a run goes. Then every kernel call has a pass of its own, because devices tell the times of
   * passes: runs are slower, and so is what is between their kernels. Results are the same. Without the feature `timestamp-query`
   * calls are counted, and their times are 0.
   */
  readonly profile?: ProfileOptions;
  /** Operations without a kernel run as their slow reference implementation on the host instead of failing. */
  readonly allowReference?: boolean;
}
