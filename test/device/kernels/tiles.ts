import type { Variant } from "./timed-program.ts";

/** The tiles that products may have: rows and columns of results, and terms at a time. */
export const tiles: readonly Variant[] = [
  { ROWS: 64, COLUMNS: 64, STEP: 16 },
  { ROWS: 128, COLUMNS: 64, STEP: 8 },
  { ROWS: 64, COLUMNS: 128, STEP: 8 },
  { ROWS: 128, COLUMNS: 128, STEP: 8 },
];
