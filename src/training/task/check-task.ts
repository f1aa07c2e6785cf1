import { ReformaxError } from "../../core/errors.ts";
import { kindOf } from "../../edge/kind-of.ts";
import type { TaskStep } from "./task.ts";

const functions = ["init", "batch", "step"] as const;

/** What types forbid and JavaScript lets happen: a task that lacks a part, and a run without an end. */
export function checkTask(
  task: Readonly<Record<(typeof functions)[number] | "name" | "metrics", unknown>>,
  steps: number,
): void {
  const where = `task ${String(task.name)}`;
  for (const part of functions) {
    if (typeof task[part] === "function") continue;
    const got = kindOf(task[part]);
    throw new ReformaxError("a part of the task is missing", {
      where,
      expected: `a function ${part}`,
      got,
    });
  }
  if (!Array.isArray(task.metrics)) {
    throw new ReformaxError("the task declares no metrics", {
      where,
      expected: "a list of { name, unit, ... }",
      got: kindOf(task.metrics),
    });
  }
  if ((Number.isInteger(steps) || steps === Infinity) && steps >= 0) return;
  throw new ReformaxError("a run needs a number of steps", {
    where: "train",
    expected: "steps: at least 0, and whole",
    got: kindOf(steps),
  });
}

/** The result of a task's step, if it is one. */
export function checkedStep<State>(result: TaskStep<State>, name: string): TaskStep<State> {
  const got: unknown = result;
  if (typeof got === "object" && got !== null && "state" in got && "metrics" in got) return result;
  throw new ReformaxError("the step does not return what it should", {
    where: `task ${name}`,
    expected: "{ state, metrics }",
    got: got instanceof Promise ? "a promise" : kindOf(got),
    fix:
      got instanceof Promise
        ? "Let `step` begin its work and return at once: what has to be waited for belongs into `batch` or `measure`."
        : undefined,
  });
}
