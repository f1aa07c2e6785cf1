/** The one list of all basic operations; importing it makes them known by name. */
import type { Primitive } from "../ir/primitive.ts";
import { registerPrimitives } from "../ir/registry.ts";
import { dataPrimitives } from "./data.ts";
import { dotGeneral } from "./dot-general.ts";
import { elementwisePrimitives } from "./elementwise/index.ts";
import { neuralPrimitives } from "./neural.ts";
import { reductionPrimitives } from "./reduction/index.ts";
import { structurePrimitives } from "./structure/index.ts";

export const primitives: readonly Primitive<never>[] = [
  ...elementwisePrimitives,
  ...structurePrimitives,
  ...reductionPrimitives,
  dotGeneral,
  ...dataPrimitives,
  ...neuralPrimitives,
];

registerPrimitives(primitives);
