import { checkRecord, type KindsOf } from "../../../core/arguments.ts";
import { checkWhole } from "../../../core/whole.ts";
import {
  parameterCount as parametersOfDecoder,
  trainingBytes as bytesOfStack,
  wordBytes,
  type TrainingSizes,
} from "../memory.ts";
import { layersParameters, type ModelSizes } from "../layer-sizes.ts";
import { positionParameters } from "../positions.ts";
import { checkPairSizes } from "./complete-config.ts";
import type { EncoderDecoderConfig } from "./config.ts";

/** The sizes of a model that memory depends on; chunks of rows are what is to be chosen. */
export type PairModelSizes = ModelSizes & Pick<EncoderDecoderConfig, "encoder" | "cross">;

export interface PairTrainingSizes extends TrainingSizes {
  /** Tokens of a source; `length` is that of a target. */
  readonly sourceLength: number;
}

const trainingKinds: KindsOf<PairTrainingSizes> = {
  batch: "size",
  length: "size",
  sourceLength: "size",
  optimizerCopies: "finite",
};

/** Number of parameters of an encoder-decoder. */
export function parameterCount(model: PairModelSizes): number {
  checkPairSizes(model, "encoderDecoder.parameterCount");
  return countParameters(model);
}

function countParameters(model: PairModelSizes): number {
  const encoder = encoderSizes(model);
  const ofEncoder = layersParameters(encoder);
  const cross = model.layers.length * crossParameters(model);
  const norm = 2 * model.width;
  const ends = (model.encoder.vocabulary ?? 0) * model.width + positionParameters(encoder) + norm;
  return parametersOfDecoder(model) + cross + ofEncoder + ends;
}

/**
 * Bytes that a training step with chunks of `chunk` rows needs at most: those of two stacks, as if both were at their peak at once, with
 * the encoder's result, its cotangent, and what a head of cross-attention makes of it.
 */
export function trainingBytes(
  model: PairModelSizes,
  sizes: PairTrainingSizes,
  chunk: number,
): number {
  const where = "encoderDecoder.trainingBytes";
  checkPairSizes(model, where);
  checkRecord(sizes, trainingKinds, "sizes", where);
  checkWhole(chunk, "chunk", where, 1);
  const { batch, sourceLength, optimizerCopies } = sizes;
  const { width, headWidth, layers } = model;
  const read = batch * sourceLength * (4 * width + 6 * headWidth);
  const stored =
    model.reversible === "none" ? batch * sourceLength * layers.length * 4 * headWidth : 0;
  const cross = (2 + optimizerCopies) * layers.length * crossParameters(model);
  // Keys of the other text stand behind those of the own.
  const length = model.cross === "keys" ? sizes.length + sourceLength : sizes.length;
  return (
    bytesOfStack(model, { ...sizes, length }, chunk) +
    bytesOfStack(encoderSizes(model), { ...sizes, length: sourceLength }, chunk) +
    wordBytes * (read + stored + cross)
  );
}

function encoderSizes({ encoder, ...sizes }: PairModelSizes): ModelSizes {
  const { cross: _, ...model } = sizes;
  return { ...model, ...encoder };
}

const crossParameters = ({ width, heads, headWidth, cross }: PairModelSizes): number =>
  cross === "keys" ? 0 : 2 * width + 4 * heads * width * headWidth;
