import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "../../src/core/tensor.ts";
import type { JsonObject } from "../../src/edge/json.ts";
import { readNpyOrThrow, readPickleOrThrow } from "../../src/interop/index.ts";

export const goldenTrax = join(import.meta.dirname, "../golden/trax");

/** A checkpoint that trax wrote, and what trax made of it. */
export interface TraxCase {
  readonly options: JsonObject;
  /** [batch][length] */
  readonly tokens: readonly (readonly number[])[];
  /** Of each hashing layer, [batch][heads][width][rounds][half]. */
  readonly rotations: readonly (readonly (readonly number[][][])[])[];
  readonly logits: readonly number[][][];
}

export const traxCase = (name: string): TraxCase =>
  JSON.parse(readFileSync(join(goldenTrax, name, "case.json"), "utf8")) as TraxCase;

const bytesOf = (name: string, file: string): Uint8Array =>
  new Uint8Array(readFileSync(join(goldenTrax, name, file)));

/** The arrays of its `.pkl.gz`. */
export const pickledArrays = (name: string): Promise<ReadonlyMap<string, Tensor>> =>
  readPickleOrThrow(bytesOf(name, "model.pkl.gz"));

/** The arrays of the file beside it. */
export const arraysBeside = (name: string): Promise<ReadonlyMap<string, Tensor>> =>
  readNpyOrThrow(bytesOf(name, "model.weights.npy.gz"));

/** Where its weights are. */
export const traxArrays = (name: string): Promise<ReadonlyMap<string, Tensor>> =>
  name === "local_hashed" ? arraysBeside(name) : pickledArrays(name);
