import type { Value } from "../../../src/core/value.ts";
import { bindNamed } from "../../../src/ir/ops.ts";
import "../../../src/primitives/index.ts";

export const result = (x: Value) => bindNamed("layerNrom", [x], { epsilon: 1e-6 }); // TS2345
