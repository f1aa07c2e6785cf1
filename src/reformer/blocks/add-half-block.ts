import { jit } from "../../transforms/index.ts";
import { oncePer } from "../once-per.ts";
import { addParts } from "./add-parts.ts";
import { addRows } from "./add-rows.ts";
import type { AddFunction } from "./block-functions.ts";
import type { HalfBlock } from "./half-block.ts";

/** `stream + block(other)`: one compiled function per half-block object, however many layers use it. */
export const addHalfBlock: (block: HalfBlock) => AddFunction = oncePer((block) =>
  jit(block.kind === "parts" ? addParts(block) : addRows(block), { name: block.name }),
);
