import type { Generator } from "./generators/case.ts";
import { dataGenerators } from "./generators/data.ts";
import { elementwiseGenerators } from "./generators/elementwise.ts";
import { decodingGenerators } from "./generators/decoding.ts";
import { neuralGenerators } from "./generators/neural.ts";
import { reductionGenerators } from "./generators/reduction.ts";
import { structureGenerators } from "./generators/structure.ts";

/** Operands for every primitive, by its name. */
export const generators: Readonly<Record<string, Generator | undefined>> = {
  ...elementwiseGenerators,
  ...structureGenerators,
  ...reductionGenerators,
  ...dataGenerators,
  ...decodingGenerators,
  ...neuralGenerators,
};
