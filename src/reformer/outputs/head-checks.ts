/** Clear errors for the parameters of outputs, whose sizes no configuration says. */
import { checkPartsOf } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { orAbsent, orNull } from "../../core/kinds.ts";
import type { DenseParams, LayerNormParams } from "../../nn/index.ts";
import type { ClassifierHead } from "./classification.ts";
import type { SpanHead } from "./spans.ts";

const denseKinds = { kernel: "array", bias: orAbsent(orNull("array")) } as const;

/** @returns the number of outputs */
function checkDense(
  dense: DenseParams,
  [inputs, outputs]: readonly [number, number | string],
  what: string,
  where: string,
): number {
  const { kernel, bias } = checkPartsOf(dense, denseKinds, what, where);
  const [, width] = checkArray(kernel, "f32", [inputs, outputs], `${what}.kernel`, where).shape;
  if (bias) checkArray(bias, "f32", [width], `${what}.bias`, where);
  return width;
}

function checkNorm(norm: LayerNormParams, width: number, what: string, where: string): void {
  const { gamma, beta } = checkPartsOf(norm, { gamma: "array", beta: "array" }, what, where);
  checkArray(gamma, "f32", [width], `${what}.gamma`, where);
  checkArray(beta, "f32", [width], `${what}.beta`, where);
}

const headKinds = { norm: "object", outer: "object" } as const;
const classifierKinds = { ...headKinds, inner: orAbsent("object") } as const;

/** @param width - of the merged streams */
export function checkClassifierHead(head: ClassifierHead, width: number, where: string): void {
  const { norm, inner, outer } = checkPartsOf(head, classifierKinds, "params.head", where);
  checkNorm(norm, width, "params.head.norm", where);
  const hidden = inner ? checkDense(inner, [width, "hidden"], "params.head.inner", where) : width;
  checkDense(outer, [hidden, "classes"], "params.head.outer", where);
}

/** @param width - of the merged streams */
export function checkSpanHead(head: SpanHead, width: number, where: string): void {
  const { norm, outer } = checkPartsOf(head, headKinds, "params.head", where);
  checkNorm(norm, width, "params.head.norm", where);
  checkDense(outer, [width, 2], "params.head.outer", where);
}
