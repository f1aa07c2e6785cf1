import { add } from "./ops.ts";
import type { Tangent } from "./primitive.ts";

/** The sum, of symbolic zeros too. */
export const addTangents = (a: Tangent, b: Tangent): Tangent => (a && b ? add(a, b) : (a ?? b));
