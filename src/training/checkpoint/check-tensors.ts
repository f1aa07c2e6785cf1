import { checkPartsOf } from "../../core/arguments.ts";
import type { Kind } from "../../core/kinds.ts";
import { Tensor } from "../../core/tensor.ts";

export const tensorKind: Kind = { expected: "an array", is: (x) => x instanceof Tensor };

type Tensors = ReadonlyMap<string, Tensor>;

/** The tensors of a checkpoint, by their names. */
export const tensorsKind: Kind = {
  expected: "a Map of names and arrays",
  is: (x) =>
    x instanceof Map &&
    [...x].every(([name, tensor]) => typeof name === "string" && tensorKind.is(tensor)),
};

/** The tensors of a checkpoint of which nothing else is read. */
export const checkTensors = (checkpoint: { readonly tensors: Tensors }, where: string): Tensors =>
  checkPartsOf(checkpoint, { tensors: tensorsKind }, "checkpoint", where).tensors;
