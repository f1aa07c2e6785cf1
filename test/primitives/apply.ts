import { createReferenceBackend } from "../../src/backends/reference/index.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { bindRecord } from "../../src/ir/ops.ts";
import type { Params } from "../../src/ir/primitive.ts";
import { primitiveNamed } from "../../src/ir/registry.ts";
import "../../src/transforms/index.ts";
import { concrete } from "./laws/subject.ts";

/** The results of an operation on the reference backend. */
export function applyAll(name: string, operands: readonly Tensor[], params: Params = {}): Tensor[] {
  setBackend(createReferenceBackend());
  return bindRecord(name, operands, params).map(concrete);
}

export const apply = (name: string, operands: readonly Tensor[], params: Params = {}): Tensor =>
  applyAll(name, operands, params)[0];

/** The message with which the abstract evaluation refuses the operands. */
export function refusal(name: string, operands: readonly Tensor[], params: Params = {}): string {
  try {
    primitiveNamed(name).abstractEval(
      operands.map((operand) => operand.aval),
      params,
    );
  } catch (error) {
    return String(error);
  }
  throw new Error(`${name} takes ${operands.map(String).join()}`);
}
