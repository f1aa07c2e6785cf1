import { sliceInDim } from "../../lax/index.ts";
import { concatenate } from "../../numpy/index.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Validated } from "../../edge/problem.ts";
import { concreteTree } from "../concrete-tree.ts";
import type { Task } from "../task/task.ts";
import { parametersOnly, type Checkpoint } from "./checkpoint.ts";
import { stateOf } from "./state.ts";
import { tensorsOf } from "./tensors.ts";

const head = /^state\.params\.head\./;
const embedding = "state.params.embedding.table";

/**
 * The state that a run of another task begins with: a checkpoint's parameters below its head, and the rest as a new run has it. So are
 * the rows of the embedding that a longer vocabulary has more, and those of a shorter one are left out.
 *
 * @returns the state, or every parameter that is missing, superfluous or misshapen
 */
export function withNewHead<State>(
  { tensors }: Pick<Checkpoint, "tensors">,
  task: Pick<Task<State>, "init">,
  key: Tensor,
): Validated<State> {
  const fresh = parametersOnly({ tensors: tensorsOf({ state: task.init(key) }) }).tensors;
  const top = [...fresh].filter(([name]) => head.test(name));
  const body = [...parametersOnly({ tensors }).tensors]
    .filter(([name]) => !head.test(name))
    .map(([name, given]) => {
      const own = name === embedding ? fresh.get(name) : undefined;
      return [name, own ? withRowsOf(given, own) : given] as const;
    });
  return stateOf({ tensors: new Map([...top, ...body]) }, task);
}

/** Rows of f32[V, d], as many as `fresh` has, and the others from there. */
function withRowsOf(given: Tensor, fresh: Tensor): Tensor {
  const [rows, width] = given.shape;
  const [count, expected] = fresh.shape;
  // What does not fit at all is told with all the rest.
  if (given.shape.length !== 2 || width !== expected || rows === count) return given;
  const more = rows < count ? [sliceInDim(fresh, rows, count, 0)] : [];
  return concreteTree<Tensor>(
    concatenate([sliceInDim(given, 0, Math.min(rows, count), 0), ...more], 0),
  );
}
