import { checkTensors } from "./check-tensors.ts";
import { pipe } from "fp-ts/lib/function.js";
import { nonFiniteElement } from "../../core/finite.ts";
import type { Tensor } from "../../core/tensor.ts";
import { jsonProblems } from "../../edge/check-json.ts";
import { isJsonObject, type Json, type JsonObject } from "../../edge/json.ts";
import { orThrow, unlessProblems, within, type Problem } from "../../edge/problem.ts";
import type { TrainConfig } from "../config/train-config.ts";
import type { Writer } from "./format.ts";

/** Everything that a run needs to go on, bit for bit; or, with the parameters only, what a trained model is. */
export interface Checkpoint<Config extends object = TrainConfig> {
  /** Updates so far. */
  readonly step: number;
  /**
   * Of a language model: complete, with the ranges of the data that were really used. Of another task: its own
   * configuration, and its name as `task.kind`.
   */
  readonly config: Config;
  /** Where the run stands in its data and what these are, without paths: for the program that saved it to find again. */
  readonly progress: JsonObject;
  /** `key` and the leaves of the state under their paths, as in `state.params.layers.0...`. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What wrote it, in which format: of a checkpoint that was read. */
  readonly writer?: Writer;
}

/** A checkpoint as its files hold it, before anybody has asked whether this version can use its configuration. */
export interface StoredCheckpoint extends Omit<Checkpoint, "config" | "progress"> {
  readonly config: Json;
  readonly progress: Json;
}

/** One that was read says who wrote it. */
export type Written<C> = C & { readonly writer: Writer };

/**
 * As its files are to hold it.
 *
 * @throws InputError where they could never be read again: JSON writes null for a number that is not finite
 */
export function storedOf(checkpoint: Checkpoint<object>): StoredCheckpoint {
  const { step, config, progress } = checkpoint;
  const problems = [
    ...(isStep(step) ? [] : [wrongStep(step)]),
    ...jsonProblems(config, "config"),
    ...jsonProblems(progress, "progress"),
  ];
  const stored = unlessProblems(problems, () => ({
    ...checkpoint,
    config: withoutLaterKeys(configJson(config)),
  }));
  return pipe(stored, within("cannot be saved: "), orThrow);
}

/**
 * A language model's configuration without the keys that came after format 2, where they say what was always so: such
 * checkpoints are the same bytes in every version, and earlier ones read them.
 */
function withoutLaterKeys(config: JsonObject): JsonObject {
  if ("task" in config || !isJsonObject(config.model) || config.model.mask !== "causal")
    return config;
  const { mask: _, ...model } = config.model;
  return { ...config, model };
}

/** A number of updates. */
export const isStep = (step: number): boolean => Number.isSafeInteger(step) && step >= 0;

const wrongStep = (step: number): Problem => ({
  where: "step",
  problem: "is no number of updates",
  expected: "a whole number from 0",
  got: String(step),
});

/** A problem for each tensor with a NaN or an infinity in it: nothing computes with such a checkpoint, and none is written. */
export const nonFiniteProblems = (tensors: Checkpoint["tensors"]): readonly Problem[] =>
  [...tensors].flatMap(([name, tensor]) => {
    const got = nonFiniteElement(tensor);
    return got === undefined ? [] : [{ where: `tensor ${name}`, problem: "is not finite", got }];
  });

/** A configuration as the JSON that it is stored as. */
export const configJson = (config: object): JsonObject =>
  JSON.parse(JSON.stringify(config)) as JsonObject;

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
export const parametersOf = (
  checkpoint: Pick<Checkpoint, "tensors">,
): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(
    [...checkTensors(checkpoint, "parametersOf")]
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
export const canResume = (checkpoint: Pick<Checkpoint, "tensors">): boolean =>
  checkTensors(checkpoint, "canResume").has(keyName);

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
  tensors: new Map(
    [...checkTensors(checkpoint, "parametersOnly")].filter(([name]) => isParameter(name)),
  ),
});
