import { BackendError } from "../core/errors.ts";
import { Tensor } from "../core/tensor.ts";
import * as tree from "../core/tree.ts";
import type { Value } from "../core/value.ts";

function concrete(value: Value): Tensor {
  if (value instanceof Tensor) return value;
  throw new BackendError("a compiled function returned a traced value", { where: "training" });
}

/** The same tree, typed as what it holds outside of a trace. */
export const concreteTree = <T>(values: unknown): T => tree.map(concrete, values) as T;
