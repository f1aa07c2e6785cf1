import type { Value } from "../../../src/core/value.ts";
import { bindNamed } from "../../../src/ir/ops.ts";
import "../../../src/primitives/index.ts";

export const ofAnotherType = (x: Value) => bindNamed("layerNorm", [x], { epsilon: "one" }); // TS2322
export const ofAnotherName = (x: Value) => bindNamed("layerNorm", [x], { epsilonn: 1e-6 }); // TS2561
export const forgotten = (x: Value) => bindNamed("layerNorm", [x]); // TS2554
export const tooMany = (x: Value) => bindNamed("sort", [x], { axis: 0 }); // TS2554
