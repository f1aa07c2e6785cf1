import { jit } from "../../transforms/index.ts";
import { oncePer } from "../once-per.ts";
import { addFinished } from "./finished-sum.ts";
import { addParts } from "./add-parts.ts";
import { addRows } from "./add-rows.ts";
import type { AddFunction } from "./block-functions.ts";
import type { HalfBlock } from "./half-block.ts";

/** `stream + block(other)`: one compiled function per half-block object, however many layers use it. */
export const addHalfBlock: (block: HalfBlock) => AddFunction = oncePer((block) =>
  jit(adding(block), { name: block.name }),
);

const adding = (block: HalfBlock): AddFunction => {
  if (block.kind === "rows") return addRows(block);
  return block.finish ? addFinished(block, block.finish) : addParts(block);
};
