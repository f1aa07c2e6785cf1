import { allPrimitives } from "../../../src/ir/registry.ts";
import "../../../src/transforms/index.ts";

/** Control primitives run through their programs and have tests of their own. */
export const primitives = allPrimitives().filter(
  (primitive) => primitive.reference !== "byProgram",
);
