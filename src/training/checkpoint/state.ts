import { checkSomeOf } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import { checkIdentity, checkRunKeys } from "../kinds.ts";
import { stepKind } from "../value-kinds.ts";
import { checkTensors } from "./check-tensors.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import type { JsonObject } from "../../edge/json.ts";
import { orThrow, within, type Validated } from "../../edge/problem.ts";
import { checkTrainConfig, type TrainConfig } from "../config/train-config.ts";
import { runKeys, type RunKeys } from "../run-keys.ts";
import type { Task } from "../task/task.ts";
import { canResume, isParameter, type Checkpoint } from "./checkpoint.ts";
import { storedConfig } from "./task-config.ts";
import { tensorsIn, tensorsOf, treeFrom } from "./tensors.ts";

/** What a checkpoint's tensors are. */
interface Saved<State> {
  readonly key: Tensor;
  readonly state: State;
}

interface RunState {
  /** Updates so far. */
  readonly step: number;
  /** Parameters and optimiser state, as `init` and `step` return them, on the host. */
  readonly state: unknown;
  /** Default: empty. */
  readonly progress?: JsonObject;
}

export interface CheckpointParts extends RunState {
  readonly config: TrainConfig;
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
}

export interface TaskCheckpointParts extends RunState {
  readonly task: Pick<Task, "name" | "config" | "keys">;
}

/**
 * A checkpoint of a run: of a language model by its configuration, of any task by the task.
 *
 * @example
 * import { init } from "reformax";
 * import { checkpointOf, reformerModel, runKeys, stateOfOrThrow, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ preset: "bytes-small", model: { width: 16, positions: { widths: [8, 8] } } });
 * const model = reformerModel(config);
 * const state = model.init(runKeys(0).initial);
 * const checkpoint = checkpointOf({ config, state, step: 0 });
 * console.log(model.parameterCount(stateOfOrThrow(checkpoint, model)) === model.parameterCount(state)); // => true
 */
export function checkpointOf(parts: CheckpointParts): Checkpoint;
/** Of any task. */
export function checkpointOf(parts: TaskCheckpointParts): Checkpoint<object>;
export function checkpointOf(parts: CheckpointParts | TaskCheckpointParts): Checkpoint<object> {
  const where = "checkpointOf";
  checkSomeOf(parts, partKinds, "parts", where);
  const { step, state, progress = {} } = parts;
  const { config, keys } = "task" in parts ? ofTask(parts.task) : ofModel(parts);
  const tensors = tensorsIn({ key: keys.base, state } satisfies Saved<unknown>, "parts", where);
  return { step, config, progress, tensors };
}

const partKinds = { step: stepKind, state: "any", progress: orAbsent("object") } as const;

function ofTask(task: TaskCheckpointParts["task"]): Owner {
  checkIdentity(task, "checkpointOf");
  return { config: storedConfig(task), keys: task.keys ?? runKeys(0) };
}

function ofModel({ config, keys }: CheckpointParts): Owner {
  checkTrainConfig(config, "checkpointOf");
  const own = keys ?? runKeys(config.training.seed);
  return { config, keys: checkRunKeys(own, "checkpointOf") };
}

interface Owner {
  readonly config: object;
  readonly keys: RunKeys;
}

/**
 * The state in a checkpoint, of a language model or a task. Where only parameters were kept, the rest is that of a new run: an optimiser that has
 * seen nothing yet.
 *
 * @returns the state, or every tensor that is missing, superfluous or misshapen
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { reformerModel, stateOf, type Checkpoint } from "reformax/training";
 * const parameterCount = (checkpoint: Checkpoint): number | undefined => {
 *   const model = reformerModel(checkpoint.config);
 *   const state = stateOf(checkpoint, model);
 *   return E.isRight(state) ? model.parameterCount(state.right) : undefined;
 * };
 */
export function stateOf<State>(
  checkpoint: Pick<Checkpoint, "tensors">,
  model: Pick<Task<State>, "init">,
): Validated<State> {
  checkTensors(checkpoint, "stateOf");
  checkSomeOf(model, { init: "function" }, "model", "stateOf");
  // Only its structure counts, and what a new optimiser holds, which no key decides.
  const anyKey = tensorFrom("u32", [2], new Uint32Array(2));
  const fresh: Saved<State> = { key: anyKey, state: model.init(anyKey) };
  const rest = [...tensorsOf(fresh)].filter(([name]) => !isParameter(name));
  const tensors = canResume(checkpoint)
    ? checkpoint.tensors
    : new Map([...rest, ...checkpoint.tensors]);
  return pipe(
    treeFrom(fresh, tensors),
    E.map(({ state }) => state),
    within("checkpoint: "),
  );
}

/**
 * As {@link stateOf}.
 *
 * @throws InputError naming every tensor that is missing, superfluous or misshapen
 * @example
 * import { finish, reformerModel, stateOfOrThrow, train, type Checkpoint } from "reformax/training";
 * // With the parameters only, a fine-tuning on other data; else, on the same data, the same run.
 * const goOn = (checkpoint: Checkpoint, text: Uint8Array) => {
 *   const { config, step } = checkpoint;
 *   const model = reformerModel(config);
 *   const start = { step, state: stateOfOrThrow(checkpoint, model) };
 *   return finish(train({ model, config, data: { train: text }, start, steps: step + 100 }));
 * };
 */
export const stateOfOrThrow = <State>(
  checkpoint: Pick<Checkpoint, "tensors">,
  model: Pick<Task<State>, "init">,
): State => orThrow(stateOf(checkpoint, model));
