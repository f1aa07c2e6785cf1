import { checkSomeOf } from "../../core/arguments.ts";
import { checkCheckpoint, checkIdentity } from "../kinds.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import {
  orThrow,
  unlessProblems,
  within,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import type { TrainStart } from "../start.ts";
import { runKeys } from "../run-keys.ts";
import type { Task } from "../task/task.ts";
import { canResume, configJson, keyName, type Checkpoint } from "./checkpoint.ts";
import { otherBits } from "./other-bits.ts";
import { changesOf } from "./same-run.ts";
import { stateOf } from "./state.ts";
import { storedConfig, taskConfigOf } from "./task-config.ts";

/** What a task has to be to go on with one of its runs. */
type Resumable<State> = Pick<Task<State>, "name" | "config" | "keys" | "init">;

/** Where a run goes on, and what its reader should know. */
export interface ResumePoint<State> extends TrainStart<State> {
  /** Why the run will not give the bits that it would have given uninterrupted: what this version computes otherwise than the writer. */
  readonly warnings: readonly string[];
}

/**
 * Where a run of a task goes on: the state of a checkpoint and the number of its steps, for `start`. From there the run gives
 * the bits that it would have given without the interruption, if the task's data are the same and there are no warnings.
 *
 * @returns the start, or every reason why it would be another run: another task, configuration or seed, parameters only, or
 *   tensors that do not fit
 */
export const resumePoint = <State>(
  checkpoint: Checkpoint<object>,
  task: Resumable<State>,
): Validated<ResumePoint<State>> => {
  checkCheckpoint(checkpoint, "resumePoint");
  checkIdentity(task, "resumePoint");
  checkSomeOf(task, { init: "function" }, "task", "resumePoint");
  return pipe(
    within("checkpoint: ")(taskConfigOf(task)(configJson(checkpoint.config))),
    E.chain(() =>
      unlessProblems(
        [...changesOf(checkpoint.config, storedConfig(task)), ...keyProblems(checkpoint, task)],
        () => checkpoint,
      ),
    ),
    E.chain((same) => stateOf(same, task)),
    E.map((state) => ({ step: checkpoint.step, state, warnings: otherBits(checkpoint) })),
  );
};

/**
 * As {@link resumePoint}.
 *
 * @throws InputError with every reason why the run cannot go on
 * @example
 * import { finish, resumePointOrThrow, train, type Checkpoint, type Task } from "reformax/training";
 * const goOn = (task: Task, checkpoint: Checkpoint<object>) =>
 *   finish(train({ task, start: resumePointOrThrow(checkpoint, task), steps: checkpoint.step + 100 }));
 */
export const resumePointOrThrow = <State>(
  checkpoint: Checkpoint<object>,
  task: Resumable<State>,
): ResumePoint<State> => orThrow(resumePoint(checkpoint, task));

function keyProblems<State>(
  checkpoint: Checkpoint<object>,
  { keys = runKeys(0) }: Resumable<State>,
): readonly Problem[] {
  const saved = checkpoint.tensors.get(keyName);
  if (!canResume(checkpoint) || !saved) {
    return [
      {
        where: "checkpoint",
        problem: "holds the parameters only, without the optimiser's state that a run goes on from",
        fix: "Begin a new run from them: stateOf gives a state that has seen no step.",
      },
    ];
  }
  const [expected, got] = [saved, keys.base].map((key) => key.words().join(" "));
  if (expected === got) return [];
  const problem = "draws from another seed than the run that is to be resumed";
  return [{ where: "task.keys", problem, expected, got, fix: "Give the task the same keys." }];
}
