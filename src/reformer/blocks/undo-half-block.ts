import { jit } from "../../transforms/index.ts";
import { oncePer } from "../once-per.ts";
import type { UndoFunction } from "./block-functions.ts";
import type { HalfBlock } from "./half-block.ts";
import { undoFinished } from "./finished-sum.ts";
import { undoParts } from "./undo-parts.ts";
import { undoRows } from "./undo-rows.ts";

/**
 * The reverse sweep over one half-block: part by part it computes the contribution once, takes it off the
 * stream, and pulls the stream's cotangent back through it; both streams' arrays are updated chunk of rows by chunk of
 * rows. The derivative of rounding is the identity. Sums run over parts and chunks from last to first: as reverse mode
 * of the forward loop would.
 */
export const undoHalfBlock: (block: HalfBlock) => UndoFunction = oncePer((block) =>
  jit(undoing(block), { name: `${block.name}.undo` }),
);

const undoing = (block: HalfBlock): UndoFunction => {
  if (block.kind === "rows") return undoRows(block);
  return block.finish ? undoFinished(block, block.finish) : undoParts(block);
};
