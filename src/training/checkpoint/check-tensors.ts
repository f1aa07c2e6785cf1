import type { Kind } from "../../core/kinds.ts";
import { Tensor } from "../../core/tensor.ts";

/** The tensors of a checkpoint, by their names. */
export const tensorsKind: Kind = {
  expected: "a Map of names and arrays",
  is: (x) =>
    x instanceof Map &&
    [...x].every(([name, tensor]) => typeof name === "string" && tensor instanceof Tensor),
};
