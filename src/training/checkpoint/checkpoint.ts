import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Tensor } from "../../core/tensor.ts";
import { isJsonObject, type Json, type JsonObject } from "../../edge/json.ts";
import { kindOf } from "../../edge/kind-of.ts";
import { invalid, within, type Validated } from "../../edge/problem.ts";
import { parseTrainConfig, type TrainConfig } from "../config/train-config.ts";

/** Everything that a run needs to go on, bit for bit; or, with the parameters only, what a trained model is. */
export interface Checkpoint {
  /** Updates so far. */
  readonly step: number;
  /** Complete, with the ranges of the data that were really used. */
  readonly config: TrainConfig;
  /** Where the run stands in its data and what these are, without paths: for the program that saved it to find again. */
  readonly progress: JsonObject;
  /** `key` and the leaves of the state under their paths, as in `state.params.layers.0...`. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** A checkpoint as its files hold it, before anybody has asked whether this version can use its configuration. */
export interface StoredCheckpoint extends Omit<Checkpoint, "config" | "progress"> {
  readonly config: Json;
  readonly progress: Json;
}

export const storedOf = (checkpoint: Checkpoint): StoredCheckpoint => ({
  ...checkpoint,
  config: configJson(checkpoint.config),
});

/** A configuration as the JSON that {@link parseTrainConfig} reads. */
export const configJson = (config: TrainConfig): Json => JSON.parse(JSON.stringify(config)) as Json;

/** The checkpoint that stored contents stand for, or every problem of its configuration. */
export const checkpointFrom = (stored: StoredCheckpoint): Validated<Checkpoint> =>
  within("checkpoint: ")(
    pipe(
      parseTrainConfig(stored.config),
      E.chain((config) =>
        isJsonObject(stored.progress)
          ? E.right({ ...stored, config, progress: stored.progress })
          : invalid({
              where: "progress",
              problem: "is not an object",
              got: kindOf(stored.progress),
            }),
      ),
    ),
  );

/** The tensor that only a checkpoint of a whole run has: u32[2], what all random choices of the run are derived from. */
export const keyName = "key";

const ofParameters = /^state\.params(\.|$)/;

export const isParameter = (name: string): boolean => ofParameters.test(name);

/**
 * The parameters alone, under their paths in the tree of parameters: `parameterHash` of them is that of the tree.
 *
 * @example
 * import { parameterHash, parametersOf, type Checkpoint } from "reformax/training";
 * const sameModel = (a: Checkpoint, b: Checkpoint): boolean =>
 *   parameterHash(parametersOf(a)) === parameterHash(parametersOf(b));
 */
export const parametersOf = ({
  tensors,
}: Pick<Checkpoint, "tensors">): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(
    [...tensors]
      .filter(([name]) => isParameter(name))
      .map(([name, tensor]) => [name.replace(ofParameters, ""), tensor]),
  );

/**
 * Whether a run can go on from here: false where only the parameters were kept.
 *
 * @example
 * import { Tensor } from "reformax";
 * import { canResume } from "reformax/training";
 * const w = new Tensor({ shape: [], dtype: "f32", weak: false }, Float32Array.of(1));
 * console.log(canResume({ tensors: new Map([["state.params.w", w]]) })); // => false
 */
export const canResume = ({ tensors }: Pick<Checkpoint, "tensors">): boolean =>
  tensors.has(keyName);

/**
 * The same checkpoint without the optimiser's state: a third of the size with Adam, enough to evaluate, to generate and to
 * begin another training with, but not to resume the run.
 *
 * @example
 * import { Tensor } from "reformax";
 * import { parametersOnly } from "reformax/training";
 * const w = new Tensor({ shape: [], dtype: "f32", weak: false }, Float32Array.of(1));
 * const tensors = new Map([["state.params.w", w], ["state.optimizer.mean.w", w]]);
 * console.log([...parametersOnly({ tensors }).tensors.keys()]); // => ['state.params.w']
 */
export const parametersOnly = <C extends Pick<Checkpoint, "tensors">>(checkpoint: C): C => ({
  ...checkpoint,
  tensors: new Map([...checkpoint.tensors].filter(([name]) => isParameter(name))),
});
