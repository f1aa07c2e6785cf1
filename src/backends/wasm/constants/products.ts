/** How matrix products are cut; the kernel and those who give it workspace share these numbers (tools/generate-constants.mjs). */
export const products = {
  /** Rows of a block of the left operand; with `kBlock` it fills a fifth of a typical second-level cache. */
  rowBlock: 96,
  /** Terms that are summed before their sum joins the others. */
  kBlock: 256,
  /** Columns that are packed together; their panels are counted from the block's start. */
  columnBlock: 512,
  /** Up to this many rows, packing the right operand costs more than it saves. */
  fewRows: 4,
  /** Up to so many columns, a result of more rows is computed as its transpose: its many rows fill the tile's columns. */
  fewColumns: 4,
  /** A tile's words, and what keeps the blocks behind it aligned. */
  tileWords: 48,
  /** The workspace has room for this many parts. */
  productSlots: 32,
} as const;
