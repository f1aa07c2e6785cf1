import type { Tolerance } from "./compare.ts";
import type { WeightShapes } from "../interop/huggingface/weights.ts";

/** The tensors that a case of some kind consists of: no more, and no fewer. */
export interface Contract {
  /** Weights, with their shapes; undefined where the kind has no model file. */
  readonly weights?: WeightShapes;
  /** Tensors that the computation is given: inputs and rotations. */
  readonly inputs: readonly string[];
  readonly optionalInputs: readonly string[];
  /** Integers that must agree exactly. */
  readonly buckets: readonly string[];
  /** Results compared position by position: `expected.*` and `expected64.*`, or bare names. */
  readonly outputs: readonly string[];
  /** Leaves compared as a whole: `grad.*` and `grad64.*`, or bare names. */
  readonly gradients: readonly string[];
  /** Outputs and gradients that only the float32 run has stored, as `expected.*` and `grad.*`. */
  readonly once?: readonly string[];
  /** Whether results and gradients are stored bare, from one run only. */
  readonly bare: boolean;
  /** How far results may be off, where the numbers that are stored are not those of exact arithmetic. */
  readonly tolerance?: Tolerance;
  /** Intermediate values of the other implementation, which are not compared. */
  readonly intermediate: RegExp;
}

const nothing = /^(?!)/;

/** A case of nothing. */
export const plain: Contract = {
  inputs: [],
  optionalInputs: [],
  buckets: [],
  outputs: [],
  gradients: [],
  bare: false,
  intermediate: nothing,
};

/** Names of a case's tensors that hold an output: one run, or the float32 and the float64 one. */
export const storedOutputs = ({ bare, once }: Contract, output: string): readonly string[] => {
  if (bare) return [output];
  return once?.includes(output)
    ? [`expected.${output}`]
    : [`expected64.${output}`, `expected.${output}`];
};

/** Names of a case's tensors that hold a gradient; the first one is compared with. */
export const storedGradients = ({ bare, once }: Contract, gradient: string): readonly string[] => {
  if (bare) return [gradient];
  return once?.includes(gradient)
    ? [`grad.${gradient}`]
    : [`grad64.${gradient}`, `grad.${gradient}`];
};

/** The name of a gradient in a runner's result. */
export const resultGradient = ({ bare }: Contract, gradient: string): string =>
  bare ? gradient : `grad.${gradient}`;
